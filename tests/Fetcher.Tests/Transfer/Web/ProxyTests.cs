using System.Net;
using Stevedore.Contract;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class ProxyTests
{
    [Fact]
    public async Task A_plain_address_is_asked_for_at_the_proxy()
    {
        await using var proxy = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        using var web = Through(proxy.Port);

        using var answer = await web.SendAsync(new WebQuestion(new Uri("http://model.example/file")), TestContext.Current.CancellationToken);

        proxy.Requests.Single().Should().StartWith("GET http://model.example/file HTTP/1.1");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_proxy_that_refuses_is_named_without_its_password(string scheme)
    {
        await using var proxy = RawServer.Saying("HTTP/1.1 407 Proxy Authentication Required", "Content-Length: 0", "", "");
        using var web = Through(proxy.Port);

        var failure = (await web.Awaiting(it => it.SendAsync(new WebQuestion(new Uri($"{scheme}://model.example/file")), TestContext.Current.CancellationToken))
            .Should().ThrowAsync<ConnectionException>()).Which;

        failure.Message.Should().Contain($"proxy http://127.0.0.1:{proxy.Port}").And.NotContain("geheim");
    }

    [Fact]
    public async Task A_proxy_that_is_down_is_blamed_and_not_the_server()
    {
        var proxy = RawServer.Saying("");
        var port = proxy.Port;
        await proxy.DisposeAsync();
        using var web = Through(port);

        (await web.Awaiting(it => it.SendAsync(new WebQuestion(new Uri("http://model.example/file")), TestContext.Current.CancellationToken))
            .Should().ThrowAsync<ConnectionException>()).Which.Message.Should().Contain($"through the proxy http://127.0.0.1:{port}").And.NotContain("geheim");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_proxy_that_is_spoken_to_in_secret_has_its_certificate_checked_also_for_plain_addresses(bool isTrusted)
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("127.0.0.1");
        await using var proxy = new RawServer(request => request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""), certificate);
        using var web = With(isTrusted ? certificates.Bundle : null, ("http_proxy", $"https://127.0.0.1:{proxy.Port}"));
        var send = () => web.SendAsync(new WebQuestion(new Uri("http://model.example/file")), TestContext.Current.CancellationToken);

        if (isTrusted)
        {
            using var answer = await send();
            proxy.Requests.Single().Should().StartWith("GET http://model.example/file HTTP/1.1");
        }
        else
        {
            (await send.Should().ThrowAsync<ConnectionException>()).Which.IsHopeless.Should().BeTrue();
            proxy.Requests.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("me:ge%3Aheim@", false)]
    [InlineData("me:ge%3Aheim@", true)]
    public async Task An_encrypted_address_is_asked_for_through_a_tunnel(string? userInfo, bool isBlocking)
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("model.example");
        await using var server = new RawServer(request => request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""), certificate);
        await using var proxy = userInfo is null ? new TunnelProxy() : new TunnelProxy("me", "ge:heim");
        using var web = With(certificates.Bundle, ("HTTPS_PROXY", $"http://{userInfo}127.0.0.1:{proxy.Port}"));

        using var answer = await SendAsync(web, server.Address(host: "model.example"), isBlocking);

        answer.Status.Should().Be(HttpStatusCode.OK);
        proxy.Tunnels.Should().Equal($"model.example:{server.Port}");
        server.Requests.Single().Should().NotContain("Proxy-Authorization", "the proxy's password is not the server's");
    }

    [Fact]
    public async Task A_tunnel_with_a_wrong_password_is_hopeless_and_named_without_it()
    {
        await using var proxy = new TunnelProxy("me", "another");
        using var web = With(null, ("https_proxy", $"http://me:geheim@127.0.0.1:{proxy.Port}"));

        var failure = (await web.Awaiting(it => SendAsync(it, new Uri("https://model.example/file"))).Should().ThrowAsync<ConnectionException>()).Which;

        failure.IsHopeless.Should().BeTrue();
        failure.Message.Should().Contain($"proxy http://127.0.0.1:{proxy.Port}").And.Contain("407").And.NotContain("geheim");
        proxy.Tunnels.Should().BeEmpty();
    }

    [Theory]
    [InlineData("403 Forbidden", true)]
    [InlineData("503 Service Unavailable", false)]
    public async Task A_proxy_that_makes_no_tunnel_is_blamed_with_what_it_said(string status, bool isHopeless)
    {
        await using var proxy = RawServer.Saying($"HTTP/1.1 {status}", "Content-Length: 0", "", "");
        using var web = Through(proxy.Port);

        var failure = (await web.Awaiting(it => SendAsync(it, new Uri("https://model.example/file"))).Should().ThrowAsync<ConnectionException>()).Which;

        failure.IsHopeless.Should().Be(isHopeless);
        failure.Message.Should().Contain($"the proxy http://127.0.0.1:{proxy.Port} answered HTTP {status[..3]}").And.NotContain("geheim");
    }

    [Fact]
    public async Task A_certificate_is_checked_behind_a_tunnel_too()
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("another.example");
        await using var server = new RawServer(request => request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""), certificate);
        await using var proxy = new TunnelProxy();
        using var web = With(certificates.Bundle, ("HTTPS_PROXY", $"http://127.0.0.1:{proxy.Port}"));

        var failure = (await web.Awaiting(it => SendAsync(it, server.Address(host: "model.example"))).Should().ThrowAsync<ConnectionException>()).Which;

        failure.IsHopeless.Should().BeTrue();
        server.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_NO_PROXY_names_is_asked_directly(bool isBlocking)
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        await using var proxy = RawServer.Saying("HTTP/1.1 502 Bad Gateway", "Content-Length: 0", "", "");
        using var web = With(null, ("HTTP_PROXY", $"http://127.0.0.1:{proxy.Port}"), ("NO_PROXY", "elsewhere.example,127.0.0.0/8"));

        using var answer = await SendAsync(web, server.Address(), isBlocking);

        answer.Status.Should().Be(HttpStatusCode.OK);
        proxy.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_wrong_variable_is_64_and_asks_nobody()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        using var web = With(null, ("HTTPS_PROXY", "geheim://somewhere"));

        var failure = (await web.Awaiting(it => SendAsync(it, server.Address())).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain("HTTPS_PROXY").And.NotContain("geheim");
        server.Requests.Should().BeEmpty();
    }

    private static Task<WebAnswer> SendAsync(WebConnections web, Uri address, bool isBlocking = false) => isBlocking
        ? Task.Run(() => web.Send(new WebQuestion(address), TestContext.Current.CancellationToken))
        : web.SendAsync(new WebQuestion(address), TestContext.Current.CancellationToken);

    private static WebConnections With(string? bundle, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        return new WebConnections(WebSettings.From(bundle, environment.GetValueOrDefault));
    }

    private static WebConnections Through(int port) => With(null, ("HTTP_PROXY", $"http://me:geheim@127.0.0.1:{port}"), ("HTTPS_PROXY", $"me:geheim@127.0.0.1:{port}"));
}
