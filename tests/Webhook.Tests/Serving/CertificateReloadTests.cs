using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs.Issuing;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Tests.Admission;

namespace Stevedore.Webhook.Tests.Serving;

public sealed class CertificateReloadTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_renewed_pair_serves_new_connections_while_old_ones_go_on()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        await client.AnswerAsync(Reviews.Recorded);
        var before = await SerialAsync(server);

        server.Certificates.Write(server.Certificates.Issue());
        await server.Logs.UntilAsync("Took the certificate", Cancellation, Tick);

        (await SerialAsync(server)).Should().NotBe(before);
        await client.AnswerAsync(Reviews.Recorded);
    }

    [Theory]
    [InlineData("half", "is not the key of")]
    [InlineData("truncated", "holds no certificate")]
    [InlineData("empty", "holds no certificate")]
    [InlineData("gone", "does not exist")]
    [InlineData("expired", "expired at")]
    [InlineData("early", "is not valid before")]
    public async Task A_bad_pair_is_told_of_once_and_the_last_good_one_stays_until_a_good_one_comes(string how, string sentence)
    {
        await using var server = await StartAsync();
        var before = await SerialAsync(server);
        var renewed = server.Certificates.Issue();
        Spoil(server.Certificates, how, renewed);

        await server.Logs.UntilAsync(sentence, Cancellation, Tick);
        for (var i = 0; i < 5; i++)
            Tick();

        (await SerialAsync(server)).Should().Be(before);
        server.Certificates.Write(renewed);
        await server.Logs.UntilAsync("Took the certificate", Cancellation, Tick);
        (await SerialAsync(server)).Should().NotBe(before);
        server.Logs.All.Should().ContainSingle(line => line.Contains(sentence, StringComparison.Ordinal)).Which.Should().StartWith("Error");
    }

    [Fact]
    public void A_pair_behind_symlinks_is_renewed_as_the_kubelet_does_it()
    {
        using var folder = new CertificateFolder();
        void Generation(string name, PemPair pair)
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, name));
            File.WriteAllText(Path.Combine(folder.Path, name, "tls.crt"), pair.CertificatePem);
            File.WriteAllText(Path.Combine(folder.Path, name, "tls.key"), pair.KeyPem);
            File.Delete(Path.Combine(folder.Path, "..data"));
            File.CreateSymbolicLink(Path.Combine(folder.Path, "..data"), name);
        }

        Generation("..1", folder.Issue());
        var files = new CertificateFiles(Path.Combine(folder.Path, "..data", "tls.crt"), Path.Combine(folder.Path, "..data", "tls.key"));
        var certificate = new ServingCertificate();
        files.TryLoad(certificate, DateTimeOffset.UtcNow, out _).Should().BeTrue();
        var before = certificate.Leaf.SerialNumber;

        Generation("..2", folder.Issue());

        files.TryLoad(certificate, DateTimeOffset.UtcNow, out _).Should().BeTrue();
        certificate.Leaf.SerialNumber.Should().NotBe(before);
    }

    [Fact]
    public async Task With_an_expired_certificate_it_is_unready_until_it_is_renewed()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        await client.AnswerAsync(Reviews.Recorded);
        _clock.Advance(TimeSpan.FromDays(11));

        using (var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation))
        {
            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Be("the serving certificate has expired\n");
        }

        server.Certificates.Write(server.Certificates.Issue(TimeSpan.FromDays(20)));
        await server.Logs.UntilAsync("Took the certificate", Cancellation, Tick);
        using var again = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation);
        again.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Shortly_before_its_certificate_expires_it_is_unready()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        await client.AnswerAsync(Reviews.Recorded);
        _clock.Advance(TimeSpan.FromDays(10) - TimeSpan.FromSeconds(30));

        using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Be("the serving certificate is about to expire\n");
    }

    private void Spoil(CertificateFolder folder, string how, PemPair renewed)
    {
        switch (how)
        {
            case "half":
                File.WriteAllText(folder.Files.Certificate, renewed.CertificatePem);
                break;
            case "truncated":
                File.WriteAllText(folder.Files.Certificate, renewed.CertificatePem[..300]);
                break;
            case "empty":
                File.WriteAllText(folder.Files.Certificate, "");
                break;
            case "gone":
                File.Delete(folder.Files.Key);
                break;
            case "expired":
                folder.Write(Issue(_clock.GetUtcNow().AddDays(-3), TimeSpan.FromDays(1)));
                break;
            case "early":
                folder.Write(Issue(_clock.GetUtcNow().AddDays(3), TimeSpan.FromDays(1)));
                break;
        }
    }

    private static PemPair Issue(DateTimeOffset at, TimeSpan lifetime)
    {
        using var authority = CertificateAuthority.Create(lifetime, new FakeTimeProvider(at));
        return authority.Issue(ServingNames.Default, lifetime);
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(_ => RunningServer.Skip, _clock);

    private void Tick() => _clock.Advance(CertificateReload.Period);

    private static async Task<string> SerialAsync(RunningServer server)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, Cancellation);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(server.Certificates.Trusting(), Cancellation);
        return tls.RemoteCertificate!.GetSerialNumberString();
    }
}
