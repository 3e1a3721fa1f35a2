using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Sources.Hub;

/// <summary>What a Hub may say that no Hub should.</summary>
public sealed class HostileHubTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Sha1 = "89abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData($$"""{"type":"file","path":"a","size":-1,"oid":"{{Sha1}}"}""", "size")]
    [InlineData($$"""{"type":"file","path":"a","oid":"{{Sha1}}"}""", "size")]
    [InlineData("""{"type":"file","path":"a","size":1,"oid":"../../etc"}""", "digest")]
    [InlineData($$"""{"type":"file","path":"a","size":1,"oid":"{{Sha1}}","lfs":{"oid":"{{Sha1}}","size":1} }""", "digest")]
    [InlineData($$"""{"type":"file","path":"a","size":1,"oid":"{{Sha1}}","lfs":{"size":1} }""", "digest")]
    [InlineData($$"""{"type":"file","path":"../a","size":1,"oid":"{{Sha1}}"}""", "..")]
    [InlineData($$"""{"type":"file","path":"/etc/a","size":1,"oid":"{{Sha1}}"}""", "absolute")]
    [InlineData($$"""{"type":"file","size":1,"oid":"{{Sha1}}"}""", "without a name")]
    public async Task A_file_that_can_not_be_checked_or_placed_is_refused(string entry, string because)
    {
        await using var hub = Listing($"[{entry}]");

        var failure = await FailureAsync(hub);

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain(because).And.Contain("hf://acme/tiny");
    }

    [Theory]
    [InlineData("<html>log in</html>")]
    [InlineData("{\"error\":\"none\"}")]
    [InlineData("[{\"type\":\"file\",\"path\":")]
    public async Task Something_that_is_no_list_is_a_Hub_that_is_not_there(string body)
    {
        await using var hub = Listing(body);

        (await FailureAsync(hub)).Should().BeOfType<SourceUnavailableException>().Which.Message.Should().Contain("HF_ENDPOINT");
    }

    [Fact]
    public async Task A_list_that_goes_on_elsewhere_is_refused()
    {
        await using var hub = Listing("[]", "Link: <http://localhost:1/api/models/acme/tiny/tree?cursor=geheim>; rel=\"next\"");

        var failure = await FailureAsync(hub);

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("http://localhost:1").And.NotContain("geheim");
    }

    [Fact]
    public async Task A_list_without_end_is_refused()
    {
        var entries = string.Join(',', Enumerable.Range(0, 60_000).Select(i => $$"""{"type":"file","path":"{{i}}","size":1,"oid":"{{Sha1}}"}"""));
        await using var hub = Listing($"[{entries}]", "Link: </api/models/acme/tiny/tree?cursor=again>; rel=\"next\"");

        var failure = await FailureAsync(hub);

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("more than 100000 files");
    }

    [Fact]
    public async Task An_empty_repository_is_66()
    {
        await using var hub = Listing("[]");

        (await FailureAsync(hub)).Code.Should().Be(ExitCode.NotFound);
    }

    [Theory]
    [InlineData("""{"sha":"main"}""")]
    [InlineData("""{"sha":"../../../../etc"}""")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task A_revision_without_a_commit_is_refused(string body)
    {
        await using var hub = RawServer.Saying("HTTP/1.1 200 OK", "Content-Type: application/json", "", body);
        using var sources = SourceSetup.At(Endpoint(hub));

        (await sources.For("hf://acme/tiny").Awaiting(source => source.ResolveAsync()).Should().ThrowAsync<FetchException>())
            .Which.Code.Should().Be(ExitCode.WrongContent);
    }

    [Theory]
    [InlineData("401 Unauthorized", "RepoNotFound", null, ExitCode.NotFound, "missing, private and gated")]
    [InlineData("401 Unauthorized", "GatedRepo", null, ExitCode.NoPermission, "is gated")]
    [InlineData("401 Unauthorized", null, null, ExitCode.NoPermission, "missing, private and gated")]
    [InlineData("401 Unauthorized", null, "hf_geheim", ExitCode.NoPermission, "HF_TOKEN is valid")]
    [InlineData("403 Forbidden", "GatedRepo", "hf_geheim", ExitCode.NoPermission, "ask for access")]
    [InlineData("403 Forbidden", null, "hf_geheim", ExitCode.NoPermission, "403")]
    [InlineData("404 Not Found", "RepoNotFound", "hf_geheim", ExitCode.NotFound, "no model acme/tiny")]
    [InlineData("404 Not Found", "RevisionNotFound", null, ExitCode.NotFound, "no revision \"main\"")]
    [InlineData("404 Not Found", null, null, ExitCode.NotFound, "HF_ENDPOINT")]
    [InlineData("418 Teapot", null, null, ExitCode.Unavailable, "418")]
    public async Task A_refusal_is_typed_and_says_the_way_out(string status, string? code, string? token, ExitCode exit, string because)
    {
        await using var hub = RawServer.Saying("HTTP/1.1 " + status, code is null ? "X-None: 1" : "X-Error-Code: " + code, "Content-Length: 0", "", "");
        using var sources = SourceSetup.At(Endpoint(hub), token);

        var failure = (await sources.For("hf://acme/tiny").Awaiting(source => source.ResolveAsync()).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().Be(exit);
        failure.Message.Should().Contain(because).And.Contain("acme/tiny").And.NotContain("geheim").And.EndWith(".");
        hub.Requests.Should().ContainSingle("what is final is not tried again");
    }

    [Fact]
    public async Task A_listed_file_that_is_gone_is_66_and_named()
    {
        await using var hub = new RawServer(request => request.SayAsync("HTTP/1.1 404 Not Found", "X-Error-Code: EntryNotFound", "Content-Length: 0", "", ""));
        using var sources = SourceSetup.At(Endpoint(hub));
        var origin = sources.For("hf://acme/tiny").OriginOf(Commit, new Stevedore.Fetcher.Manifests.ManifestFile("a/b.bin", 5, null));

        var failure = (await origin.Awaiting(it => it.ReadAsync(0, 5)).Should().ThrowAsync<TransferException>()).Which;

        failure.Final!.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("a/b.bin");
    }

    private static Uri Endpoint(RawServer hub) => new($"http://127.0.0.1:{hub.Port}");

    private static RawServer Listing(string body, string header = "X-None: 1") => new(request => request.Path.Contains("/revision/", StringComparison.Ordinal)
        ? request.SayAsync("HTTP/1.1 200 OK", "", $$"""{"sha":"{{Commit}}"}""")
        : request.SayAsync("HTTP/1.1 200 OK", "Content-Type: application/json", header, "", body));

    private static async Task<FetchException> FailureAsync(RawServer hub)
    {
        using var sources = SourceSetup.At(Endpoint(hub));
        return (await sources.For("hf://acme/tiny").Awaiting(source => source.ListAsync()).Should().ThrowAsync<FetchException>()).Which;
    }
}
