using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class NoProxyListTests
{
    [Theory]
    [InlineData("example.com", "https://example.com/x", true)]
    [InlineData("example.com", "https://models.EXAMPLE.com/x", true)]
    [InlineData("example.com", "https://notexample.com/x", false)]
    [InlineData("example.com", "https://example.com.evil.org/x", false)]
    [InlineData(".example.com", "https://models.example.com/x", true)]
    [InlineData(".example.com", "https://example.com/x", true)]
    [InlineData("*.example.com", "https://models.example.com/x", true)]
    [InlineData(".svc,.cluster.local", "http://models.ai.svc/x", true)]
    [InlineData("a.org, .cluster.local", "http://models.ai.svc.cluster.local./x", true)]
    [InlineData("a.org b.org", "http://b.org/x", true)]
    [InlineData("example.com:8443", "https://example.com:8443/x", true)]
    [InlineData("example.com:8443", "https://example.com/x", false)]
    [InlineData("*", "https://anything.org/x", true)]
    [InlineData("10.0.0.0/8", "http://10.1.2.3/x", true)]
    [InlineData("10.9.9.9/8", "http://10.1.2.3/x", true)]
    [InlineData("10.0.0.0/8", "http://11.1.2.3/x", false)]
    [InlineData("172.16.0.0/12", "http://172.31.255.1/x", true)]
    [InlineData("172.16.0.0/12", "http://172.32.0.1/x", false)]
    [InlineData("10.0.0.0/8", "http://10.example.com/x", false)]
    [InlineData("0.0.0.0/0", "http://8.8.8.8/x", true)]
    [InlineData("192.168.1.7", "http://192.168.1.7:8080/x", true)]
    [InlineData("192.168.1.7:80", "http://192.168.1.7:8080/x", false)]
    [InlineData("1.7", "http://192.168.1.7/x", false)]
    [InlineData("fd00::/8", "http://[fd12::1]/x", true)]
    [InlineData("fd00::/8", "http://[fe80::1]/x", false)]
    [InlineData("fd12::1", "http://[fd12::1]:8080/x", true)]
    [InlineData("[fd12::1]:8080", "http://[fd12::1]:8080/x", true)]
    [InlineData("[fd12::1]:8080", "http://[fd12::1]/x", false)]
    [InlineData("10.0.0.0/8", "http://[::ffff:10.1.2.3]/x", true)]
    [InlineData("10.0.0.0/33,https://example.com,.", "https://example.com/x", false)]
    [InlineData("", "https://example.com/x", false)]
    [InlineData(null, "http://localhost:8080/x", true)]
    [InlineData(null, "http://127.1.2.3/x", true)]
    [InlineData(null, "http://[::1]/x", true)]
    public void What_is_asked_directly(string? list, string address, bool isCovered) =>
        NoProxyList.Parse(list).Covers(new Uri(address)).Should().Be(isCovered);
}
