using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Tests;

public sealed class ServingPairTests
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly PemPair _good;

    public ServingPairTests() => _good = Issue();

    [Fact]
    public void A_pair_of_one_issue_serves_until_it_expires()
    {
        Read(_good, out var pair).Should().BeNull();

        pair!.Leaf.HasPrivateKey.Should().BeTrue();
        pair.Expires.Should().Be(_clock.GetUtcNow().AddDays(10));
        pair.Intermediates.Should().BeEmpty();
        pair.Dispose();
    }

    [Fact]
    public void Certificates_after_the_leaf_are_sent_along()
    {
        Read(_good with { CertificatePem = _good.CertificatePem + Issue().CertificatePem }, out var pair).Should().BeNull();

        pair!.Intermediates.Should().HaveCount(1);
        pair.Dispose();
    }

    [Fact]
    public void An_rsa_pair_serves_too()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(_clock.GetUtcNow().AddDays(-1), _clock.GetUtcNow().AddDays(1));

        Read(new PemPair(certificate.ExportCertificatePem(), key.ExportRSAPrivateKeyPem()), out var pair).Should().BeNull();
        pair!.Dispose();
    }

    [Fact]
    public void Each_problem_has_its_own_sentence()
    {
        var other = Issue();

        Problem(_good with { CertificatePem = "" }).Should().Be("a/tls.crt holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).");
        Problem(_good with { CertificatePem = _good.CertificatePem[..200] }).Should().Match("a/tls.crt holds no certificate*");
        Problem(_good with { CertificatePem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }).Should().Match("a/tls.crt holds no*");
        Problem(_good with { KeyPem = "nothing" }).Should().Match("a/tls.key holds no ECDSA key in PEM form*");
        Problem(_good with { KeyPem = _good.KeyPem[..60] }).Should().Match("a/tls.key holds no ECDSA key in PEM form*");
        Problem(_good with { KeyPem = _good.CertificatePem }).Should().Match("a/tls.key holds no ECDSA key*");
        Problem(_good with { KeyPem = other.KeyPem }).Should().Be("a/tls.key is not the key of a/tls.crt; the two must come from the same issue.");
        _clock.AutoAdvanceAmount = TimeSpan.Zero;
        _clock.SetUtcNow(_clock.GetUtcNow().AddDays(10));
        Problem(_good).Should().Be("a/tls.crt expired at 2026-03-11 12:00:00Z; issue it anew.");
        Read(_good, _clock.GetUtcNow().AddDays(-11), out _).Should().Match("a/tls.crt is not valid before 2026-03-01 11:55:00Z; check*");
    }

    [Fact]
    public void A_truncated_pair_is_never_taken_for_a_whole_one()
    {
        for (var length = 0; length < _good.CertificatePem.Length - 1; length += 7)
            Problem(_good with { CertificatePem = _good.CertificatePem[..length] }).Should().NotBeNull();
        for (var length = 0; length < _good.KeyPem.Length - 1; length += 7)
            Problem(_good with { KeyPem = _good.KeyPem[..length] }).Should().NotBeNull();
    }

    private PemPair Issue()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(10), _clock);
        return authority.Issue(ServingNames.Default, TimeSpan.FromDays(10));
    }

    private string? Problem(PemPair pem) => Read(pem, out _);

    private string? Read(PemPair pem, out ServingPair? pair) => Read(pem, _clock.GetUtcNow(), out pair);

    private static string? Read(PemPair pem, DateTimeOffset now, out ServingPair? pair)
    {
        ServingPair.TryRead(pem, "a/tls.crt", "a/tls.key", now, out pair, out var problem).Should().Be(problem is null);
        return problem;
    }
}
