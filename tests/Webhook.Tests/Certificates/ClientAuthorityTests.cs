using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Tests.Admission;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Certificates;

public sealed class ClientAuthorityTests : IDisposable
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-clients-");
    private readonly X509Certificate2 _authority = Authority();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_api_server_with_a_certificate_of_the_authority_is_answered()
    {
        await using var server = await StartAsync();
        using var presented = Client(_authority, ClientAuthentication);
        using var client = server.Client(presenting: presented);

        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task Without_a_certificate_only_health_is_answered()
    {
        await using var server = await StartAsync();
        using var client = server.Client();

        using var ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation);
        using var body = new StringContent(Reviews.Recorded.ToJsonString(), Encoding.UTF8, "application/json");
        using var review = await client.PostAsync(new Uri("/mutate/explicit", UriKind.Relative), body, Cancellation);

        ready.StatusCode.Should().Be(HttpStatusCode.OK);
        review.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await review.Content.ReadAsStringAsync(Cancellation)).Should().Contain("--client-ca");
    }

    [Theory]
    [InlineData("another authority")]
    [InlineData("a server's certificate")]
    public async Task A_certificate_that_does_not_prove_an_api_server_ends_the_handshake(string which)
    {
        await using var server = await StartAsync();
        using var other = Authority();
        using var presented = which == "another authority" ? Client(other, ClientAuthentication) : Client(_authority, ServerAuthentication);
        using var client = server.Client(presenting: presented);

        var asking = () => client.AnswerAsync(Reviews.Recorded);

        await asking.Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public void A_file_without_a_certificate_is_refused_with_a_sentence()
    {
        var path = Path.Combine(_folder.FullName, "empty.crt");
        File.WriteAllText(path, "nothing here");

        ClientAuthority.TryRead(path, out _, out var problem).Should().BeFalse();

        problem.Should().Contain(path).And.Contain("--client-ca");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<RunningServer> StartAsync()
    {
        var path = Path.Combine(_folder.FullName, "ca.crt");
        File.WriteAllText(path, _authority.ExportCertificatePem());
        ClientAuthority.TryRead(path, out var authority, out var problem).Should().BeTrue(problem);
        return RunningServer.StartAsync(_ => RunningServer.Skip, clients: authority);
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=api-server-clients", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    private static X509Certificate2 Client(X509Certificate2 authority, Oid usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], critical: false));
        using var bare = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(30), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }
}
