using System.Net;
using Stevedore.Contract;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class EnvironmentProxyTests
{
    private static readonly Uri Plain = new("http://models.example.com/x");
    private static readonly Uri Encrypted = new("https://models.example.com/x");

    [Theory]
    [InlineData("HTTP_PROXY=a:3128", "http://a:3128/", null)]
    [InlineData("http_proxy=a:3128 HTTP_PROXY=b:3128", "http://a:3128/", null)]
    [InlineData("HTTPS_PROXY=http://a:3128", null, "http://a:3128/")]
    [InlineData("HTTPS_PROXY=https://a:3128/", null, "https://a:3128/")]
    [InlineData("ALL_PROXY=socks5h://a", "socks5://a:1080/", "socks5://a:1080/")]
    [InlineData("all_proxy=a:1 https_proxy=b:2", "http://a:1/", "http://b:2/")]
    [InlineData("HTTP_PROXY=http://me:geheim@a:3128", "http://a:3128/", null)]
    [InlineData("HTTP_PROXY=a:3128 NO_PROXY=.example.com", null, null)]
    [InlineData("HTTP_PROXY=a:3128 no_proxy=elsewhere.org NO_PROXY=.example.com", "http://a:3128/", null)]
    [InlineData("UNRELATED=a:3128", null, null)]
    public void Who_stands_between(string variables, string? http, string? https)
    {
        var proxy = EnvironmentProxy.From(Environment(variables));

        Between(proxy, Plain).Should().Be(http);
        Between(proxy, Encrypted).Should().Be(https);
    }

    [Theory]
    [InlineData("HTTPS_PROXY=ftp://geheim", "HTTPS_PROXY")]
    [InlineData("http_proxy=http://geheim:port", "HTTP_PROXY")]
    [InlineData("ALL_PROXY=http://", "ALL_PROXY")]
    public void What_is_no_proxy_is_a_wrong_environment(string variables, string name)
    {
        var failure = FluentActions.Invoking(() => EnvironmentProxy.From(Environment(variables))).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain(name).And.NotContain("geheim");
    }

    [Fact]
    public void A_password_belongs_to_its_proxy_alone()
    {
        var proxy = EnvironmentProxy.From(Environment("HTTPS_PROXY=http://m%40e:ge%3Aheim@a:3128 HTTP_PROXY=b:3128"));

        var credential = proxy.Credentials!.GetCredential(new Uri("http://a:3128"), "Basic")!;
        (credential.UserName, credential.Password).Should().Be(("m@e", "ge:heim"));
        proxy.Credentials.GetCredential(new Uri("http://b:3128"), "Basic").Should().BeNull();
        proxy.Credentials.GetCredential(Encrypted, "Basic").Should().BeNull();
    }

    private static string? Between(IWebProxy proxy, Uri address) => proxy.IsBypassed(address) ? null : proxy.GetProxy(address)!.AbsoluteUri;

    private static Func<string, string?> Environment(string variables)
    {
        var values = variables.Split(' ').Select(text => text.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return values.GetValueOrDefault;
    }
}
