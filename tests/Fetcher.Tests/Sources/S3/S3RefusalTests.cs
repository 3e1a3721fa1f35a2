using Stevedore.Contract;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Sources.S3;

public sealed class S3RefusalTests
{
    private const string Model = "s3://bkt/m/";

    private static readonly Dictionary<string, string> Keys = new() { ["AWS_ACCESS_KEY_ID"] = "AKIDSECRET", ["AWS_SECRET_ACCESS_KEY"] = "verysecretkey" };

    [Theory]
    [InlineData(404, "NoSuchBucket", ExitCode.NotFound, "no bucket bkt")]
    [InlineData(404, "NoSuchKey", ExitCode.NotFound, "nothing at")]
    [InlineData(403, "AccessDenied", ExitCode.NoPermission, "s3:ListBucket")]
    [InlineData(400, "ExpiredToken", ExitCode.NoPermission, "expired")]
    [InlineData(403, "RequestExpired", ExitCode.NoPermission, "expired")]
    [InlineData(403, "InvalidAccessKeyId", ExitCode.NoPermission, "does not know the key")]
    [InlineData(400, "InvalidToken", ExitCode.NoPermission, "does not know the key")]
    [InlineData(403, "SignatureDoesNotMatch", ExitCode.NoPermission, "secret key")]
    [InlineData(403, "RequestTimeTooSkewed", ExitCode.NoPermission, "clock")]
    [InlineData(401, "Unauthorized", ExitCode.NoPermission, "AWS_ACCESS_KEY_ID")]
    [InlineData(400, "InvalidRequest", ExitCode.Unavailable, "InvalidRequest")]
    [InlineData(307, "TemporaryRedirect", ExitCode.Unavailable, "--s3-endpoint")]
    public async Task A_refusal_is_what_its_code_says(int status, string code, ExitCode expected, string because)
    {
        await using var store = new FakeS3 { Instead = _ => FakeS3.Refusal(status, code, "", "Location: http://127.0.0.1:1/elsewhere") };
        using var sources = store.Sources(settings => settings with { IsAnonymous = false }, Keys);

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>();

        failure.Which.Code.Should().Be(expected);
        failure.Which.Message.Should().Contain(because).And.Contain(code).And.NotContain("AKIDSECRET").And.EndWith(".");
        store.Requests.Should().ContainSingle("what is refused for good is not asked again");
    }

    [Fact]
    public async Task What_breaks_while_content_is_read_has_the_same_sentences()
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789");
        using var sources = store.Sources();
        var source = sources.For(Model);
        var manifest = await source.ListAsync();
        store.Instead = _ => FakeS3.Refusal(400, "ExpiredToken");

        var failure = await source.Awaiting(it => it.OriginOf(manifest.Version, manifest.Files[0]).ReadAsync(0, 9)).Should().ThrowAsync<TransferException>();

        failure.Which.Fault.Should().Be(TransferFault.Final);
        failure.Which.Final!.Code.Should().Be(ExitCode.NoPermission);
    }

    [Fact]
    public async Task An_object_that_was_replaced_meanwhile_is_412_and_so_another_file()
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789");
        using var sources = store.Sources();
        var source = sources.For(Model);
        var manifest = await source.ListAsync();
        store.Put("m/x.bin", "987654321");

        var failure = await source.Awaiting(it => it.OriginOf(manifest.Version, manifest.Files[0]).ReadAsync(0, 9)).Should().ThrowAsync<TransferException>();

        failure.Which.Fault.Should().Be(TransferFault.Changed);
    }

    [Fact]
    public async Task SlowDown_is_sat_out()
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789");
        var slow = 2;
        store.Instead = _ => slow-- > 0 ? FakeS3.Refusal(503, "SlowDown") : null;
        using var sources = store.Sources();
        var source = sources.For(Model);

        var manifest = await source.ListAsync();
        slow = 1;
        var failure = await source.Awaiting(it => it.OriginOf(manifest.Version, manifest.Files[0]).ReadAsync(0, 9)).Should().ThrowAsync<TransferException>();

        failure.Which.Fault.Should().Be(TransferFault.Transient, "the engine waits and asks again");
    }

    [Theory]
    [InlineData(400, "AuthorizationHeaderMalformed", "<Region>eu-test-1</Region>", "X-Nothing: 1")]
    [InlineData(301, "PermanentRedirect", "<Endpoint>bkt.s3.eu-test-1.amazonaws.com</Endpoint>", "x-amz-bucket-region: eu-test-1")]
    public async Task A_bucket_in_another_region_is_asked_there(int status, string code, string more, string header)
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789");
        store.Instead = request => request.Header("Authorization")!.Contains("/eu-test-1/") ? null : FakeS3.Refusal(status, code, more, header);
        using var sources = store.Sources(settings => settings with { IsAnonymous = false }, Keys);

        var manifest = await sources.For(Model).ListAsync();

        manifest.Files.Should().ContainSingle();
        store.Requests.Should().HaveCount(3, "once in the wrong region, then the list and the file in the right one");
    }

    [Fact]
    public async Task Content_of_a_version_that_was_listed_before_is_asked_for_in_the_right_region_too()
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789");
        using (var first = store.Sources())
            (await first.For(Model).ListAsync()).Files.Should().ContainSingle();
        store.Instead = request => request.Header("Authorization")!.Contains("/eu-test-1/") ? null : FakeS3.Refusal(301, "PermanentRedirect", "", "x-amz-bucket-region: eu-test-1");
        using var sources = store.Sources(settings => settings with { IsAnonymous = false }, Keys);
        var origin = sources.For(Model).OriginOf("version", new Fetcher.Manifests.ManifestFile("x.bin", 9, null));

        (await origin.ReadAsync(0, 9)).Should().Equal("123456789"u8.ToArray());
    }

    [Fact]
    public async Task A_bucket_that_is_always_elsewhere_ends_with_the_region_in_the_sentence()
    {
        var region = 0;
        await using var store = new FakeS3 { Instead = _ => FakeS3.Refusal(301, "PermanentRedirect", "", $"x-amz-bucket-region: eu-test-{++region}") };
        using var sources = store.Sources(settings => settings with { IsAnonymous = false }, Keys);

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<S3ElsewhereException>();

        failure.Which.Message.Should().Contain("eu-test-2").And.Contain("--s3-region");
        store.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_redirect_gets_no_signature()
    {
        await using var elsewhere = new FakeS3();
        await using var store = new FakeS3();
        store.Instead = _ => FakeS3.Refusal(307, "TemporaryRedirect", "", $"Location: {elsewhere.Endpoint}bkt/");
        using var sources = store.Sources(settings => settings with { IsAnonymous = false }, Keys);

        await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<SourceUnavailableException>();

        elsewhere.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_closed_bucket_without_credentials_says_that_there_were_none()
    {
        await using var store = new FakeS3 { Instead = _ => FakeS3.Refusal(403, "AccessDenied") };
        using var sources = store.Sources();

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>();

        failure.Which.Code.Should().Be(ExitCode.NoPermission);
        failure.Which.Message.Should().Contain("--s3-anonymous");
        store.Requests.Should().AllSatisfy(request => request.Should().NotContain("Authorization:"));
    }

    [Theory]
    [InlineData("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")]
    public async Task Half_of_a_key_is_64(string there, string missing)
    {
        await using var store = new FakeS3();
        using var sources = store.Sources(settings => settings with { IsAnonymous = false }, new() { [there] = "x" });

        var failure = sources.Invoking(it => it.For(Model)).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain($"without {missing}");
    }
}
