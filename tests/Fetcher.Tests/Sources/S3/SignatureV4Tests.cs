using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Sources.S3;

/// <summary>The examples that AWS publishes: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.</summary>
public sealed class SignatureV4Tests
{
    private static readonly S3Keys Example = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time = new(new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Signs_a_range_of_an_object_as_the_example_does() =>
        Sign(new WebQuestion(new Uri("https://examplebucket.s3.amazonaws.com/test.txt")) { Range = new ByteSpan(0, 10) })["Authorization"].Should().Be(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

    [Fact]
    public void Signs_a_list_as_the_example_does() =>
        Sign(new WebQuestion(new Uri("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J")))["Authorization"].Should()
            .EndWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");

    [Fact]
    public void Signs_a_parameter_without_a_value_as_the_example_does() =>
        Sign(new WebQuestion(new Uri("https://examplebucket.s3.amazonaws.com/?lifecycle")))["Authorization"].Should()
            .EndWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");

    [Fact]
    public void Each_request_is_signed_for_its_own_moment()
    {
        var question = new WebQuestion(new Uri("https://examplebucket.s3.amazonaws.com/test.txt"));
        var first = Sign(question);
        _time.Advance(TimeSpan.FromHours(25));
        var second = Sign(question);

        first["x-amz-date"].Should().Be("20130524T000000Z");
        second["x-amz-date"].Should().Be("20130525T010000Z");
        second["Authorization"].Should().Contain("/20130525/us-east-1/").And.NotBe(first["Authorization"]);
    }

    [Fact]
    public void A_session_token_and_the_stores_own_headers_are_signed_too()
    {
        var signed = Sign(
            new WebQuestion(new Uri("http://127.0.0.1:9000/bkt/a%20b")) { Headers = [new("x-amz-checksum-mode", "ENABLED")] }, Example with { SessionToken = "session" });

        signed["x-amz-security-token"].Should().Be("session");
        signed["Authorization"].Should().Contain("SignedHeaders=host;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date;x-amz-security-token,");
    }

    [Fact]
    public void Without_keys_nothing_is_signed() =>
        new SignatureV4(() => null, "us-east-1", _time).Sign(new WebQuestion(new Uri("https://examplebucket.s3.amazonaws.com/test.txt"))).Should().BeEmpty();

    [Fact]
    public void The_SDK_comes_to_the_same_signature_for_keys_that_need_encoding()
    {
        var place = new S3Place(new S3Settings(new Uri("http://127.0.0.1:9000"), null, default, false), "bkt", "us-east-1", new SignatureV4(() => Example, "us-east-1", _time));
        var question = place.Object("models/a b+c&d=ü/(x)*'~!.json");

        var request = new Amazon.Runtime.Internal.DefaultRequest(new Amazon.S3.Model.GetObjectRequest(), "s3")
        {
            HttpMethod = "GET",
            Endpoint = new Uri("http://127.0.0.1:9000"),
            ResourcePath = "/bkt/{Key+}",
            UseDoubleEncoding = false,
        };
        request.AddPathResource("{Key+}", "models/a b+c&d=ü/(x)*'~!.json");
        request.Headers["x-amz-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        request.DisablePayloadSigning = false;
        var theirs = new Amazon.Runtime.Internal.Auth.AWS4Signer().SignRequest(
            request, new Amazon.S3.AmazonS3Config { AuthenticationRegion = "us-east-1" }, null, Example.AccessKey, Example.Secret, _time.GetUtcNow().UtcDateTime);

        theirs.ForAuthorizationHeader.Should().Be(Sign(question)["Authorization"]);
    }

    private Dictionary<string, string> Sign(WebQuestion question, S3Keys? keys = null) =>
        new SignatureV4(() => keys ?? Example, "us-east-1", _time).Sign(question).ToDictionary(header => header.Key, header => header.Value);
}
