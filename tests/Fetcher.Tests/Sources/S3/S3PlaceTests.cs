using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Sources.S3;

public sealed class S3PlaceTests
{
    [Theory]
    [InlineData(null, "models", "eu-central-1", S3Addressing.Auto, "https://models.s3.eu-central-1.amazonaws.com/a%20b/%2B.json")]
    [InlineData(null, "models", "cn-north-1", S3Addressing.Auto, "https://models.s3.cn-north-1.amazonaws.com.cn/a%20b/%2B.json")]
    [InlineData(null, "my.models", "us-east-1", S3Addressing.Auto, "https://s3.us-east-1.amazonaws.com/my.models/a%20b/%2B.json")]
    [InlineData(null, "Models", "us-east-1", S3Addressing.Auto, "https://s3.us-east-1.amazonaws.com/Models/a%20b/%2B.json")]
    [InlineData(null, "models", "us-east-1", S3Addressing.Path, "https://s3.us-east-1.amazonaws.com/models/a%20b/%2B.json")]
    [InlineData("http://minio:9000", "models", "us-east-1", S3Addressing.Auto, "http://minio:9000/models/a%20b/%2B.json")]
    [InlineData("https://gateway.example.com/s3/", "models", "us-east-1", S3Addressing.Auto, "https://gateway.example.com/s3/models/a%20b/%2B.json")]
    [InlineData("https://oss.example.com", "models", "us-east-1", S3Addressing.Virtual, "https://models.oss.example.com/a%20b/%2B.json")]
    public void An_object_is_addressed_as_its_store_wants_it(string? endpoint, string bucket, string region, S3Addressing addressing, string address) =>
        new S3Place(new S3Settings(endpoint is null ? null : new Uri(endpoint), region, addressing, true), bucket, region, NoSignature)
            .Object("a b/+.json").Address.AbsoluteUri.Should().Be(address);

    [Theory]
    [InlineData(S3Addressing.Path, "http://minio:9000/models?encoding-type=url&list-type=2&prefix=a%2Fb%2F")]
    [InlineData(S3Addressing.Virtual, "http://models.minio:9000/?encoding-type=url&list-type=2&prefix=a%2Fb%2F")]
    public void A_list_is_asked_for_as_its_store_wants_it(S3Addressing addressing, string address) =>
        new S3Place(new S3Settings(new Uri("http://minio:9000"), null, addressing, true), "models", "us-east-1", NoSignature).List("a/b/", null).Address.AbsoluteUri.Should().Be(address);

    [Fact]
    public void The_variables_of_AWS_name_endpoint_and_region_unless_the_command_line_does()
    {
        var environment = new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL"] = "http://all:1",
            ["AWS_ENDPOINT_URL_S3"] = "http://s3:1",
            ["AWS_REGION"] = "eu-west-1",
            ["AWS_DEFAULT_REGION"] = "eu-west-2",
        };

        Read().Should().Be(new S3Settings(new Uri("http://s3:1"), "eu-west-1", S3Addressing.Auto, true));
        S3Settings.From(new Uri("http://said:1"), "said", S3Addressing.Path, true, environment.GetValueOrDefault)
            .Should().Be(new S3Settings(new Uri("http://said:1"), "said", S3Addressing.Path, true));

        environment.Remove("AWS_ENDPOINT_URL_S3");
        environment.Remove("AWS_REGION");
        Read().Should().Be(new S3Settings(new Uri("http://all:1"), "eu-west-2", S3Addressing.Auto, true));

        environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
        Read().Endpoint.Should().BeNull();

        S3Settings Read() => S3Settings.From(null, null, S3Addressing.Auto, true, environment.GetValueOrDefault);
    }

    [Theory]
    [InlineData("minio:9000")]
    [InlineData("ftp://minio")]
    [InlineData("https://user:secret@minio")]
    public void An_endpoint_that_is_no_web_address_is_64_and_gives_nothing_away(string endpoint)
    {
        var failure = FluentActions.Invoking(() => S3Settings.From(null, null, S3Addressing.Auto, true, name => name == "AWS_ENDPOINT_URL_S3" ? endpoint : null))
            .Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain("AWS_ENDPOINT_URL_S3").And.NotContain("secret");
    }

    private static IRequestSigner NoSignature { get; } = new SignatureV4(() => null, "us-east-1", TimeProvider.System);
}
