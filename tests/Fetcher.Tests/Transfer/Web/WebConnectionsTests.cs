using System.Net;
using Stevedore.Contract;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class WebConnectionsTests : IDisposable
{
    private const string Secret = "Bearer hf_secret";
    private readonly WebConnections _web = new(new WebSettings());

    public void Dispose() => _web.Dispose();

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_on_the_same_host_keeps_the_credential(int status)
    {
        await using var server = new RawServer(request => request.Path == "/old"
            ? request.SayAsync($"HTTP/1.1 {status} Moved", "Location: /new?x=1", "Content-Length: 0", "", "")
            : request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""));

        using var answer = await SendAsync(new WebQuestion(server.Address("/old")) { Authorization = Secret, Range = new ByteSpan(0, 5) });

        answer.Status.Should().Be(HttpStatusCode.OK);
        server.Requests.Last().Should().StartWith("GET /new?x=1 ").And.Contain("Authorization: " + Secret).And.Contain("Range: bytes=0-4");
    }

    [Theory]
    [InlineData("127.0.0.1", "another port")]
    [InlineData("localhost", "another name")]
    public async Task A_redirect_to_another_place_drops_the_credential(string host, string because)
    {
        await using var store = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        await using var server = RawServer.Saying("HTTP/1.1 302 Found", $"Location: {store.Address("/blob", host)}", "Content-Length: 0", "", "");

        using var answer = await SendAsync(new WebQuestion(server.Address()) { Authorization = Secret });

        store.Requests.Single().Should().NotContain("Authorization", because);
        answer.WasRedirected.Should().BeTrue();
    }

    [Fact]
    public async Task A_credential_that_was_dropped_does_not_come_back()
    {
        RawServer? first = null;
        await using var store = new RawServer(request => request.SayAsync("HTTP/1.1 302 Found", $"Location: {first!.Address("/back")}", "Content-Length: 0", "", ""));
        await using var server = first = new RawServer(request => request.Path == "/back"
            ? request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", "")
            : request.SayAsync("HTTP/1.1 302 Found", $"Location: {store.Address("/away")}", "Content-Length: 0", "", ""));

        using var answer = await SendAsync(new WebQuestion(server.Address()) { Authorization = Secret });

        server.Requests.First().Should().Contain("Authorization");
        server.Requests.Last().Should().NotContain("Authorization");
    }

    [Fact]
    public async Task A_signed_address_is_asked_for_exactly_as_it_was_written()
    {
        const string signed = "/b%7Elob/a%2Fb?sig=%41b%2Bc~%7E%3D&d=inline%3B%20x*%3DUTF-8%27%27m";
        await using var store = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        await using var server = RawServer.Saying("HTTP/1.1 302 Found", $"Location: http://127.0.0.1:{store.Port}{signed}", "Content-Length: 0", "", "");

        using var answer = await SendAsync(new WebQuestion(server.Address()));

        store.Requests.Single().Should().StartWith($"GET {signed} HTTP/1.1");
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        await using var server = RawServer.Saying("HTTP/1.1 302 Found", "Location: /file?signature=geheim", "Content-Length: 0", "", "");

        var failure = await RefusalAsync(server.Address());

        failure.Message.Should().Contain("more than 10 times").And.NotContain("geheim");
        server.Requests.Should().HaveCount(11);
    }

    [Theory]
    [InlineData("X-Location: none")]
    [InlineData("Location: ftp://127.0.0.1/file?signature=geheim")]
    [InlineData("Location: file:///etc/passwd")]
    public async Task A_redirect_to_no_web_address_is_refused(string header)
    {
        await using var server = RawServer.Saying("HTTP/1.1 302 Found", header, "Content-Length: 0", "", "");

        (await RefusalAsync(server.Address())).Message.Should().Contain("redirects").And.NotContain("geheim").And.NotContain("passwd");
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_refused_with_a_sentence()
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("127.0.0.1");
        await using var plain = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        await using var server = new RawServer(
            request => request.SayAsync("HTTP/1.1 302 Found", $"Location: {plain.Address("/blob?signature=geheim")}", "Content-Length: 0", "", ""), certificate);
        using var web = new WebConnections(new WebSettings { CaBundles = [certificates.Bundle] });

        var failure = await RefusalAsync(server.Address(), web);

        failure.Code.Should().Be(ExitCode.Unavailable);
        failure.Message.Should().Contain("from https to http://127.0.0.1").And.NotContain("geheim").And.NotContain("/blob");
        plain.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task An_authority_of_the_bundle_is_trusted()
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("127.0.0.1");
        await using var server = new RawServer(request => request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""), certificate);
        using var web = new WebConnections(new WebSettings { CaBundles = [certificates.Bundle] });

        using var answer = await SendAsync(new WebQuestion(server.Address()), web);

        answer.Status.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("127.0.0.1", false, 1, "an authority that nobody named")]
    [InlineData("elsewhere.example", true, 1, "another host's certificate")]
    [InlineData("127.0.0.1", true, -1, "a certificate that has expired")]
    public async Task A_certificate_that_does_not_hold_is_hopeless(string host, bool withBundle, int expiresInDays, string because)
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue(host, DateTimeOffset.UtcNow.AddDays(expiresInDays));
        await using var server = new RawServer(request => request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""), certificate);
        using var web = new WebConnections(new WebSettings { CaBundles = withBundle ? [certificates.Bundle] : [] });

        var failure = (await web.Awaiting(it => SendAsync(new WebQuestion(server.Address()), it)).Should().ThrowAsync<ConnectionException>(because)).Which;

        failure.IsHopeless.Should().BeTrue(because);
        failure.Message.Should().Contain("--ca-bundle");
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public void A_bundle_that_is_not_there_or_holds_nothing_is_a_wrong_command_line()
    {
        var empty = Path.GetTempFileName();
        foreach (var bundle in new[] { "/nowhere/ca.pem", empty, Path.GetTempPath() })
        {
            var settings = WebSettings.From(null, name => name == "SSL_CERT_FILE" ? bundle : null);

            using var web = new WebConnections(settings);

            var failure = web.Invoking(it => it.Send(new WebQuestion(new Uri("http://127.0.0.1:9/")), CancellationToken.None)).Should().Throw<FetchException>().Which;

            failure.Code.Should().Be(ExitCode.Usage);
            failure.Message.Should().Contain(bundle).And.Contain("SSL_CERT_FILE");
        }

        File.Delete(empty);
    }

    [Fact]
    public async Task Blocking_and_waiting_calls_follow_alike()
    {
        await using var server = new RawServer(request => request.Path == "/old"
            ? request.SayAsync("HTTP/1.1 302 Found", "Location: new", "Content-Length: 0", "", "")
            : request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""));

        using var answer = await Task.Run(() => _web.Send(new WebQuestion(server.Address("/old")), TestContext.Current.CancellationToken));

        answer.Asked.Address.AbsolutePath.Should().Be("/new");
    }

    [Fact]
    public async Task A_reader_may_name_who_answered_without_giving_away_a_signature()
    {
        await using var store = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        await using var server = RawServer.Saying("HTTP/1.1 302 Found", $"Location: {store.Address("/signed/path?sig=geheim", "localhost")}", "Content-Length: 0", "", "");

        using var answer = await SendAsync(new WebQuestion(server.Address("/model.bin")));

        answer.Who.Should().Be($"http://127.0.0.1:{server.Port}/model.bin (redirected to http://localhost:{store.Port})");
    }

    private Task<WebAnswer> SendAsync(WebQuestion question, WebConnections? web = null) => (web ?? _web).SendAsync(question, TestContext.Current.CancellationToken);

    private async Task<FetchException> RefusalAsync(Uri address, WebConnections? web = null) =>
        (await (web ?? _web).Awaiting(it => SendAsync(new WebQuestion(address), it)).Should().ThrowAsync<FetchException>()).Which;
}
