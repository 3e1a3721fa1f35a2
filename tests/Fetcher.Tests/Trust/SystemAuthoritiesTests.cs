using System.Security.Cryptography.X509Certificates;
using Amazon.S3;
using Stevedore.Contract;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>A bundle stands beside the system's authorities: these count as ever, and are read only where a certificate is to be checked.</summary>
public sealed class SystemAuthoritiesTests : IDisposable
{
    private const string Host = "127.0.0.1";
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _system = TestAuthority.Root("authority of the system");
    private readonly TestAuthority _company = TestAuthority.Root("authority of the company");
    private int _asked;

    public static TheoryData<string> Flaws => ["expired", "not yet valid", "another name", "another address", "not for servers", "of nobody", "self-signed"];

    public void Dispose()
    {
        _company.Dispose();
        _system.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nobody_reads_them_over_http()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 0", "", "");
        using var web = new WebConnections(Settings(_company.Pem));

        using var waited = await web.SendAsync(new WebQuestion(server.Address()), TestContext.Current.CancellationToken);
        using var blocked = await Task.Run(() => web.Send(new WebQuestion(server.Address()), TestContext.Current.CancellationToken));

        server.Requests.Should().HaveCount(2);
        _asked.Should().Be(0);
    }

    [Fact]
    public async Task They_vouch_for_their_own_servers_whatever_the_bundle_holds()
    {
        using var middle = _system.Vouch("authority between");
        using var certificate = middle.Issue(Host);
        await using var server = new TlsWitness(certificate, above: middle.Certificate);

        await BothWays.AnswerAsync(server.Address(Host), server, Settings(_company.Pem));
        _asked.Should().Be(1, "both ways check with the same");
        await BothWays.AnswerAsync(server.Address(Host), server, Settings(Pem(_system.List([[1]]))));
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task Their_servers_are_checked_as_strictly_as_the_bundles(string flaw)
    {
        using var stranger = TestAuthority.Root("authority of the system");
        foreach (var authority in new[] { _system, _company })
        {
            using var certificate = flaw switch
            {
                "expired" => authority.Issue(Host, expires: DateTimeOffset.UtcNow.AddHours(-1)),
                "not yet valid" => authority.Issue(Host, begins: DateTimeOffset.UtcNow.AddHours(6)),
                "another name" => authority.Issue("elsewhere.example"),
                "another address" => authority.Issue("127.0.0.2"),
                "not for servers" => authority.Issue(Host, usage: TestCertificates.ClientAuthentication),
                "of nobody" => stranger.Issue(Host),
                _ => TestCertificates.SelfSigned(Host),
            };
            await using var server = new TlsWitness(certificate);

            var refusal = await BothWays.RefuseAsync(server.Address(Host), server, Settings(_company.Pem));

            refusal.Code.Should().Be(ExitCode.Unavailable);
            refusal.Message.Should().Contain("certificate that is not trusted");
        }
    }

    [Fact]
    public async Task An_authority_that_may_not_vouch_for_others_does_not()
    {
        using var middle = _system.Vouch("somebody's server", mayVouch: false);
        using var certificate = middle.Issue(Host);
        await using var server = new TlsWitness(certificate, above: middle.Certificate);

        (await BothWays.RefuseAsync(server.Address(Host), server, Settings(_company.Pem))).Message.Should().Contain("certificate that is not trusted");
    }

    [Fact]
    public async Task What_a_bundle_lists_of_theirs_is_refused_too()
    {
        using var certificate = _system.Issue(Host);
        await using var server = new TlsWitness(certificate);

        foreach (var beside in new[] { "", _company.Pem })
            (await BothWays.RefuseAsync(server.Address(Host), server, Settings(beside + Pem(_system.TakeBack(certificate))))).Message.Should().Contain("is revoked").And.Contain(certificate.SerialNumber);
    }

    [Fact]
    public async Task The_connections_of_S3s_own_library_take_both()
    {
        foreach (var authority in new[] { _system, _company })
        {
            using var certificate = authority.Issue(Host);
            await using var server = new TlsWitness(certificate);
            using var client = new SdkConnections(Settings(_company.Pem)).CreateHttpClient(new AmazonS3Config());

            (await client.GetAsync(server.Address(Host))).IsSuccessStatusCode.Should().BeTrue();
        }
    }

    private static string Pem(byte[] list) => TestAuthority.PemOf(list);

    private WebSettings Settings(string bundle)
    {
        var path = _folder[$"bundle-{Guid.NewGuid():N}.pem"];
        File.WriteAllText(path, bundle);
        return new WebSettings { CaBundles = [path], SystemAuthorities = Asked };

        X509Certificate2Collection Asked()
        {
            _asked++;
            return [_system.Certificate];
        }
    }
}
