using System.Net;
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
        await proxy.DisposeAsync();
        using var web = Through(proxy.Port);

        (await web.Awaiting(it => it.SendAsync(new WebQuestion(new Uri("http://model.example/file")), TestContext.Current.CancellationToken))
            .Should().ThrowAsync<ConnectionException>()).Which.Message.Should().Contain($"through the proxy http://127.0.0.1:{proxy.Port}").And.NotContain("geheim");
    }

    private static WebConnections Through(int port) =>
        new(new WebSettings { Proxy = new WebProxy(new Uri($"http://me:geheim@127.0.0.1:{port}")) });
}
