using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Tests;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData("localhost", SslProtocols.Tls13)]
    [InlineData("localhost", SslProtocols.Tls12)]
    [InlineData("127.0.0.1", SslProtocols.Tls13)]
    public async Task A_client_that_trusts_the_authority_shakes_hands(string host, SslProtocols protocol)
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(1), TimeProvider.System);

        (await Shake(authority.Issue(ServingNames.Default, TimeSpan.FromDays(1)), authority.CertificatePem, host, protocol)).Should().Be(protocol);
    }

    [Fact]
    public async Task A_client_that_meant_another_host_refuses()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(1), TimeProvider.System);
        var shake = () => Shake(authority.Issue(ServingNames.Default, TimeSpan.FromDays(1)), authority.CertificatePem, "other.example", SslProtocols.Tls13);

        (await shake.Should().ThrowAsync<AuthenticationException>()).WithMessage("*RemoteCertificateNameMismatch*");
    }

    [Fact]
    public async Task A_client_that_trusts_another_authority_refuses()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(1), TimeProvider.System);
        using var other = CertificateAuthority.Create(TimeSpan.FromDays(1), TimeProvider.System);
        var shake = () => Shake(authority.Issue(ServingNames.Default, TimeSpan.FromDays(1)), other.CertificatePem, "localhost", SslProtocols.Tls13);

        (await shake.Should().ThrowAsync<AuthenticationException>()).WithMessage("*PartialChain*");
    }

    private static async Task<SslProtocols> Shake(PemPair pem, string trusted, string host, SslProtocols protocol)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        ServingPair.TryRead(pem, "tls.crt", "tls.key", DateTimeOffset.UtcNow, out var pair, out var problem).Should().BeTrue(problem);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var serving = Serve(listener, pair!, deadline.Token);
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, deadline.Token);
        await using var tls = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(trusted);
        var options = new SslClientAuthenticationOptions { TargetHost = host, EnabledSslProtocols = protocol, CertificateChainPolicy = policy };
        await tls.AuthenticateAsClientAsync(options, deadline.Token);
        await serving;
        return tls.SslProtocol;
    }

    private static async Task Serve(TcpListener listener, ServingPair pair, CancellationToken cancellation)
    {
        using (pair)
        using (var socket = await listener.AcceptTcpClientAsync(cancellation))
        await using (var tls = new SslStream(socket.GetStream()))
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = pair.Leaf }, cancellation);
    }
}
