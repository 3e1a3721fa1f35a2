using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Tests;

public sealed class IssuingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Now);

    [Fact]
    public void A_leaf_leads_to_its_authority_and_to_no_other()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);
        using var other = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);
        using var leaf = Leaf(authority.Issue(ServingNames.Default, TimeSpan.FromDays(30)));

        Leads(leaf, authority.CertificatePem).Should().BeTrue();
        Leads(leaf, other.CertificatePem).Should().BeFalse();
        Leads(leaf, other.CertificatePem + authority.CertificatePem).Should().BeTrue("both stand in a bundle while one replaces the other");
    }

    [Fact]
    public void A_leaf_is_for_its_names_alone()
    {
        ServingNames.TryParse(["localhost", "Hook.example.svc"], ["127.0.0.1", "::1"], out var names, out _).Should().BeTrue();
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);
        using var leaf = Leaf(authority.Issue(names!, TimeSpan.FromDays(30)));

        string[] right = ["localhost", "hook.example.svc", "127.0.0.1", "::1"];
        string[] wrong = ["example.svc", "hook.example.svc.cluster.local", "127.0.0.2", "stevedore-webhook"];
        right.Should().OnlyContain(name => leaf.MatchesHostname(name, true, true));
        wrong.Should().OnlyContain(name => !leaf.MatchesHostname(name, true, true));
    }

    [Fact]
    public void Certificates_say_what_they_may_be_used_for()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);
        using var leaf = Leaf(authority.Issue(ServingNames.Default, TimeSpan.FromDays(30)));

        var root = authority.Certificate;
        Extension<X509BasicConstraintsExtension>(root).Should().BeEquivalentTo(
            new { Critical = true, CertificateAuthority = true, HasPathLengthConstraint = true, PathLengthConstraint = 0 });
        Extension<X509KeyUsageExtension>(root).KeyUsages.Should().Be(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign);
        Extension<X509BasicConstraintsExtension>(leaf).CertificateAuthority.Should().BeFalse();
        Extension<X509KeyUsageExtension>(leaf).KeyUsages.Should().Be(X509KeyUsageFlags.DigitalSignature);
        Extension<X509EnhancedKeyUsageExtension>(leaf).EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value).Should().Equal("1.3.6.1.5.5.7.3.1");
        Extension<X509AuthorityKeyIdentifierExtension>(leaf).KeyIdentifier!.Value.ToArray()
            .Should().Equal(Extension<X509SubjectKeyIdentifierExtension>(root).SubjectKeyIdentifierBytes.ToArray());
        leaf.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value.Should().Be("1.2.840.10045.3.1.7");
    }

    [Fact]
    public void A_leaf_begins_a_little_in_the_past_and_never_outlives_its_authority()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);
        _clock.Advance(TimeSpan.FromDays(60));
        using var early = Leaf(authority.Issue(ServingNames.Default, TimeSpan.FromDays(7)));
        using var late = Leaf(authority.Issue(ServingNames.Default, TimeSpan.FromDays(60)));

        early.NotBefore.ToUniversalTime().Should().Be(Now.UtcDateTime.AddDays(60) - CertificateAuthority.Backdated);
        early.NotAfter.ToUniversalTime().Should().Be(Now.UtcDateTime.AddDays(67));
        late.NotAfter.Should().Be(authority.Certificate.NotAfter);
    }

    [Fact]
    public void Serials_are_positive_and_never_the_same()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);
        var serials = Enumerable.Range(0, 20).Select(_ =>
        {
            using var leaf = Leaf(authority.Issue(ServingNames.Default, TimeSpan.FromDays(1)));
            return leaf.SerialNumberBytes.ToArray();
        }).ToList();

        serials.Should().OnlyContain(s => s.Length == 16 && s[0] < 0x80 && s[0] > 0);
        serials.Select(Convert.ToHexString).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_key_of_a_pair_shows_nowhere_but_in_its_own_field()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(90), _clock);

        authority.Issue(ServingNames.Default, TimeSpan.FromDays(1)).ToString().Should().NotContain("KEY");
    }

    [Theory]
    [InlineData("a b", null, "*\"a b\" is not a DNS name*")]
    [InlineData("-x.svc", null, "*not a DNS name*")]
    [InlineData("https://x", null, "*not a DNS name*")]
    [InlineData(null, "1.2.3.4.5", "*not an IP address*")]
    [InlineData(null, null, "*at least one*")]
    public void Names_that_cannot_stand_in_a_certificate_are_refused(string? dns, string? ip, string sentence)
    {
        ServingNames.TryParse(dns is null ? [] : [dns], ip is null ? [] : [ip], out _, out var problem).Should().BeFalse();
        problem.Should().Match(sentence);
    }

    private static T Extension<T>(X509Certificate2 certificate)
        where T : X509Extension => certificate.Extensions.OfType<T>().Single();

    private static X509Certificate2 Leaf(PemPair pair) => X509Certificate2.CreateFromPem(pair.CertificatePem, pair.KeyPem);

    private bool Leads(X509Certificate2 leaf, string bundle)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(leaf);
    }
}
