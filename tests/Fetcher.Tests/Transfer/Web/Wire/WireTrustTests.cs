using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Wire;

/// <summary>
/// Content comes over connections that the fetcher dials itself (blocking calls), everything else through SocketsHttpHandler (calls that are awaited). Whom one
/// of them refuses, the other must refuse too, and with the same words.
/// </summary>
public sealed class WireTrustTests : IDisposable
{
    private const string Host = "127.0.0.1";
    private readonly TestCertificates _trusted = new();
    private readonly TestCertificates _stranger = new();

    /// <summary>What can be wrong with a certificate.</summary>
    public enum Flaw
    {
        Expired,
        NotYetValid,
        OfAnotherName,
        OfAnotherAddress,
        SelfSigned,
        OfAnUnknownAuthority,
        NotForServers,
    }

    /// <summary>Hosts, and how a hello names them (RFC 6066, 3: literal addresses are not permitted).</summary>
    public static TheoryData<string, string> Hosts
    {
        get
        {
            var hosts = new TheoryData<string, string> { { "localhost", "localhost" }, { "127.0.0.1", "" } };
            if (NetworkInterface.GetAllNetworkInterfaces().SelectMany(it => it.GetIPProperties().UnicastAddresses).Any(it => IPAddress.IPv6Loopback.Equals(it.Address)))
                hosts.Add("[::1]", "");
            return hosts;
        }
    }

    public void Dispose()
    {
        _trusted.Dispose();
        _stranger.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Content_of_a_server_that_the_bundle_vouches_for_is_read_over_the_wire(string host)
    {
        using var certificate = _trusted.Issue(host);
        await using var server = new TlsWitness(certificate);
        using var web = Web(_trusted.Bundle);

        Encoding.ASCII.GetString(await Origin(web, server.Address(host)).ReadAsync(4, 8)).Should().Be(TlsWitness.Body);

        (await server.NextAsync()).Said.Should().StartWith("GET /file HTTP/1.1\r\n").And.Contain("Range: bytes=4-7");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Blocking_calls_are_those_that_take_the_wire(bool blocking)
    {
        using var certificate = _trusted.Issue(Host);
        await using var server = new TlsWitness(certificate);
        using var web = Web(_trusted.Bundle);

        using var answer = await SendAsync(web, server.Address(Host), blocking);

        (answer.Response.Content is WireContent).Should().Be(blocking);
    }

    [Theory]
    [InlineData(Flaw.Expired, true)]
    [InlineData(Flaw.NotYetValid, true)]
    [InlineData(Flaw.OfAnotherName, true)]
    [InlineData(Flaw.OfAnotherAddress, true)]
    [InlineData(Flaw.SelfSigned, true)]
    [InlineData(Flaw.SelfSigned, false)]
    [InlineData(Flaw.OfAnUnknownAuthority, true)]
    [InlineData(Flaw.OfAnUnknownAuthority, false)]
    [InlineData(Flaw.NotForServers, true)]
    public async Task A_certificate_that_does_not_hold_is_refused_on_the_wire_as_everywhere_else(Flaw flaw, bool withBundle)
    {
        using var certificate = Flawed(flaw);
        await using var server = new TlsWitness(certificate);
        using var web = withBundle ? Web(_trusted.Bundle) : Web();

        var wire = (await Origin(web, server.Address(Host)).Awaiting(it => it.ReadAsync(4, 8)).Should().ThrowAsync<TransferException>()).Which;
        var other = (await web.Awaiting(it => CallAsync(it, server.Address(Host))).Should().ThrowAsync<SourceUnavailableException>()).Which;

        wire.ToString().Should().Contain(nameof(WireDial), "the content's connection is to be tested");
        other.ToString().Should().NotContain(nameof(WireDial), "the two are to be compared");
        wire.Fault.Should().Be(TransferFault.Final);
        wire.Final!.Code.Should().Be(ExitCode.Unavailable).And.Be(other.Code);
        wire.Final.Message.Should().Contain("certificate that is not trusted").And.Contain("--ca-bundle").And.Be(other.Message);
        (await server.NextAsync()).Said.Should().BeEmpty("nothing is asked of a server that may be anybody");
        (await server.NextAsync()).Said.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Names_are_said_in_the_hello_and_addresses_are_not(string host, string said)
    {
        var address = IPAddress.TryParse(host, out var literal) ? literal : IPAddress.Loopback;
        using var certificate = _trusted.Issue(literal?.ToString() ?? said);
        await using var server = new TlsWitness(certificate, address);
        using var web = Web(_trusted.Bundle);

        foreach (var blocking in new[] { true, false })
        {
            using (await SendAsync(web, server.Address(host), blocking))
            {
            }

            (await server.NextAsync()).ServerName.Should().Be(said);
        }
    }

    [Fact]
    public async Task Both_ways_offer_the_same_and_nothing_older_than_TLS_1_2_can_come_of_it()
    {
        var wire = await HelloAsync(blocking: true);
        var other = await HelloAsync(blocking: false);

        wire.Versions.Should().Equal(other.Versions).And.Contain((ushort)0x0304);
        wire.Suites.Should().Equal(other.Suites);
        wire.CanEndBelowTls12.Should().BeFalse();
    }

    private static WebConnections Web(params string[] bundles) => new(new WebSettings { CaBundles = bundles });

    private static WebOrigin Origin(WebConnections web, Uri address) => new(
        web, new WebQuestion(address), 16, validator: null, answer => new FetchException(ExitCode.NoPermission, $"{answer.Who} refuses."));

    private static async Task<WebAnswer> SendAsync(WebConnections web, Uri address, bool blocking) => blocking
        ? await Task.Run(() => web.Send(new WebQuestion(address), TestContext.Current.CancellationToken))
        : await web.SendAsync(new WebQuestion(address), TestContext.Current.CancellationToken);

    private static Task<bool> CallAsync(WebConnections web, Uri address) => new WebCalls(web, new Backoff(new Random(1), TimeProvider.System)).AskAsync(
        new WebQuestion(address), Patience.Long, (_, _, _) => Task.FromResult(true), TestContext.Current.CancellationToken);

    private static async Task<TlsHello> HelloAsync(bool blocking)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var web = Web();
        var call = web.Awaiting(it => SendAsync(it, new Uri($"https://{listener.LocalEndpoint}/file"), blocking)).Should().ThrowAsync<ConnectionException>();
        TlsHello hello;
        using (var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            hello = await TlsHello.ReadAsync(client.GetStream(), TestContext.Current.CancellationToken);
        await call;
        return hello;
    }

    private X509Certificate2 Flawed(Flaw flaw) => flaw switch
    {
        Flaw.Expired => _trusted.Issue(Host, expires: DateTimeOffset.UtcNow.AddHours(-1)),
        Flaw.NotYetValid => _trusted.Issue(Host, begins: DateTimeOffset.UtcNow.AddHours(6)),
        Flaw.OfAnotherName => _trusted.Issue("elsewhere.example"),
        Flaw.OfAnotherAddress => _trusted.Issue("127.0.0.2"),
        Flaw.SelfSigned => TestCertificates.SelfSigned(Host),
        Flaw.OfAnUnknownAuthority => _stranger.Issue(Host),
        Flaw.NotForServers => _trusted.Issue(Host, usage: TestCertificates.ClientAuthentication),
        _ => throw new ArgumentOutOfRangeException(nameof(flaw)),
    };
}
