using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs.Commands;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Tests;

public sealed class IssueCommandTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("stevedore-certs-");
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _error = new();

    private string Folder => Path.Combine(_root.FullName, "deep", "certs");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Issues_a_pair_for_the_default_names_with_a_private_key_file()
    {
        Run("issue", "--out", Folder).Should().Be(0);

        Directory.GetFiles(Folder).Select(Path.GetFileName).Should().BeEquivalentTo("ca.crt", "tls.crt", "tls.key");
        using var leaf = X509Certificate2.CreateFromPemFile(In("tls.crt"), In("tls.key"));
        string[] names = ["localhost", "127.0.0.1", "::1", "stevedore-webhook.stevedore-system.svc"];
        names.Should().OnlyContain(name => leaf.MatchesHostname(name, true, true));
        File.ReadAllText(In("ca.crt")).Should().NotContain("PRIVATE");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(In("tls.key")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Takes_names_addresses_and_days_from_the_command_line()
    {
        Run("issue", "--out", Folder, "--dns", "a.svc", "--dns", "b.svc", "--ip", "10.1.2.3", "--days", "7").Should().Be(0);

        ServingPair.TryRead(Pem(), "c", "k", _clock.GetUtcNow(), out var pair, out _).Should().BeTrue();
        using (pair)
        {
            pair!.Expires.Should().Be(_clock.GetUtcNow().AddDays(7));
            string[] names = ["a.svc", "b.svc", "10.1.2.3"];
            names.Should().OnlyContain(name => pair.Leaf.MatchesHostname(name, true, true));
            pair.Leaf.MatchesHostname("localhost", true, true).Should().BeFalse();
        }
    }

    [Fact]
    public void Keeps_a_pair_that_still_serves()
    {
        Run("issue", "--out", Folder, "--days", "30").Should().Be(0);
        var before = Pem();
        _clock.Advance(TimeSpan.FromDays(19));

        Run("issue", "--out", Folder).Should().Be(0);

        Pem().Should().Be(before);
        _error.ToString().Should().Contain("Kept the certificate").And.Contain("--force");
    }

    [Theory]
    [InlineData("forced")]
    [InlineData("old")]
    [InlineData("other name")]
    [InlineData("other authority")]
    [InlineData("other key")]
    [InlineData("no authority")]
    [InlineData("broken authority")]
    public void Issues_anew_what_no_longer_serves(string why)
    {
        Run("issue", "--out", Folder, "--days", "30").Should().Be(0);
        using var other = CertificateAuthority.Create(TimeSpan.FromDays(30), _clock);
        string[] more = [];
        switch (why)
        {
            case "forced":
                more = ["--force"];
                break;
            case "old":
                _clock.Advance(TimeSpan.FromDays(21));
                break;
            case "other name":
                more = ["--dns", "other.svc"];
                break;
            case "other authority":
                File.WriteAllText(In("ca.crt"), other.CertificatePem);
                break;
            case "other key":
                File.WriteAllText(In("tls.key"), other.Issue(ServingNames.Default, TimeSpan.FromDays(1)).KeyPem);
                break;
            case "no authority":
                File.Delete(In("ca.crt"));
                break;
            case "broken authority":
                File.WriteAllText(In("ca.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
                break;
        }

        var before = File.ReadAllText(In("tls.crt"));
        Run(["issue", "--out", Folder, .. more]).Should().Be(0);

        File.ReadAllText(In("tls.crt")).Should().NotBe(before);
        Directory.GetFiles(Folder).Should().HaveCount(3);
    }

    [Theory]
    [InlineData("issue")]
    [InlineData("issue", "--out", "x", "--days", "0")]
    [InlineData("issue", "--out", "x", "--days", "many")]
    [InlineData("issue", "--out", "x", "--dns", "not a name")]
    [InlineData("issue", "--out", "x", "--ip", "localhost")]
    [InlineData("issue", "--out", "x", "--what")]
    [InlineData("renew")]
    [InlineData]
    public void A_wrong_command_line_is_told_and_ends_with_64(params string[] arguments)
    {
        Run(arguments).Should().Be(64);

        _error.ToString().Should().StartWith("stevedore-certs: ");
        Directory.Exists("x").Should().BeFalse();
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told_and_ends_with_73()
    {
        var file = Path.Combine(_root.FullName, "file");
        File.WriteAllText(file, "");

        Run("issue", "--out", Path.Combine(file, "certs")).Should().Be(73);

        _error.ToString().Should().Match("stevedore-certs: can't write *--out.*");
    }

    private int Run(params string[] arguments) => CertsCommandLine.Run(arguments, TextWriter.Null, _error, _clock);

    private string In(string file) => Path.Combine(Folder, file);

    private PemPair Pem() => new(File.ReadAllText(In("tls.crt")), File.ReadAllText(In("tls.key")));
}
