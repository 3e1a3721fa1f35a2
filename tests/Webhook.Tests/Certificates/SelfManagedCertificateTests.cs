using System.Net;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs;
using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Tests.Certificates;

public sealed class SelfManagedCertificateTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task The_first_replica_makes_a_certificate_and_has_it_trusted_before_it_serves()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var replica = new Replica(cluster, _clock);

        await replica.StartAsync();

        replica.Certificate.IsLoaded.Should().BeTrue();
        cluster.Bundles().Should().HaveCount(2).And.OnlyContain(bundle => bundle == cluster.Secret("ca.crt"));
        Signs(cluster.Bundles()[0], cluster).Should().BeTrue();
        cluster.Secret("ca.key").Should().BeNull("the authority's key is forgotten");
        cluster.Object(CertificateCluster.ConfigurationPath)!["webhooks"]![0]!["failurePolicy"]!.GetValue<string>().Should().Be("Fail");
    }

    [Fact]
    public async Task Replicas_that_start_together_agree_on_one_certificate()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var first = new Replica(cluster, _clock);
        using var second = new Replica(cluster, _clock);
        using var third = new Replica(cluster, _clock);
        Replica[] replicas = [first, second, third];

        // Conflicts make losers look again after a pause by the clock, so it has to go on.
        var starting = Task.WhenAll(replicas.Select(replica => replica.StartAsync()));
        for (var i = 0; i < 2000 && !starting.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await starting;
        replicas.Select(replica => replica.Certificate.Leaf.SerialNumber).Distinct().Should().ContainSingle();
        cluster.Writes.Count(write => write == "PUT stevedore-webhook-tls 200").Should().Be(1);
        Signs(cluster.Bundles()[0], cluster).Should().BeTrue();
    }

    [Fact]
    public async Task A_renewed_certificate_is_trusted_for_a_while_before_it_is_served_and_the_old_one_stays_trusted()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var replica = new Replica(cluster, _clock);
        using var other = new Replica(cluster, _clock);
        await replica.StartAsync();
        await other.StartAsync();
        var (before, oldAuthority) = (replica.Certificate.Leaf.SerialNumber, cluster.Secret("ca.crt")!);

        _clock.Advance(Replica.Lifetime * 0.6);
        await replica.LookAsync();
        cluster.Secret("next-ca.crt").Should().BeNull("less than two thirds of its life are over");

        _clock.Advance(Replica.Lifetime * 0.07);
        await replica.LookAsync();
        var newAuthority = cluster.Secret("next-ca.crt")!;
        cluster.Bundles().Should().OnlyContain(bundle => bundle.Contains(oldAuthority) && bundle.Contains(newAuthority));
        _clock.Advance(replica.Settings.Propagation - TimeSpan.FromSeconds(1));
        await replica.LookAsync();
        replica.Certificate.Leaf.SerialNumber.Should().Be(before);

        _clock.Advance(TimeSpan.FromSeconds(2));
        await replica.LookAsync();
        replica.Certificate.Leaf.SerialNumber.Should().NotBe(before);
        other.Certificate.Leaf.SerialNumber.Should().Be(before);
        cluster.Bundles().Should().OnlyContain(bundle => bundle.Contains(oldAuthority) && bundle.Contains(newAuthority));

        await other.LookAsync();
        other.Certificate.Leaf.SerialNumber.Should().Be(replica.Certificate.Leaf.SerialNumber);
    }

    [Fact]
    public async Task Over_years_of_renewals_what_is_served_is_trusted_at_every_moment()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var first = new Replica(cluster, _clock);
        using var second = new Replica(cluster, _clock);
        await first.StartAsync();
        await second.StartAsync();
        var served = new HashSet<string>();

        for (var step = 0; step < 60; step++)
        {
            _clock.Advance(step % 3 == 0 ? TimeSpan.FromDays(20) : first.Settings.Propagation);
            foreach (var replica in new[] { first, second })
            {
                await replica.LookAsync();
                served.Add(replica.Certificate.Leaf.SerialNumber);
                foreach (var bundle in cluster.Bundles())
                {
                    Trusts(bundle, first).Should().BeTrue();
                    Trusts(bundle, second).Should().BeTrue();
                }
            }
        }

        served.Should().HaveCountGreaterThan(4);
    }

    [Fact]
    public async Task A_renewal_that_a_dead_replica_began_is_finished_by_another()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using (var dying = new Replica(cluster, _clock))
        {
            await dying.StartAsync();
            _clock.Advance(Replica.Lifetime * 0.7);
            await dying.LookAsync();
        }

        var next = cluster.Secret("next-tls.crt");
        next.Should().NotBeNull();
        using var successor = new Replica(cluster, _clock);
        await successor.StartAsync();
        _clock.Advance(successor.Settings.Propagation);
        await successor.LookAsync();

        cluster.Secret("tls.crt").Should().Be(next);
        cluster.Secret("next-tls.crt").Should().BeNull();
    }

    [Fact]
    public async Task A_configuration_that_was_applied_anew_is_told_whom_to_trust_again()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var replica = new Replica(cluster, _clock);
        await replica.StartAsync();

        cluster.ApplyConfiguration();
        cluster.Bundles().Should().OnlyContain(bundle => bundle.Length == 0);
        await replica.LookAsync();

        cluster.Bundles().Should().OnlyContain(bundle => bundle == cluster.Secret("ca.crt"));
    }

    [Theory]
    [InlineData("tls.crt", "garbage")]
    [InlineData("tls.key", "garbage")]
    [InlineData("ca.crt", "garbage")]
    public async Task A_secret_that_somebody_spoilt_is_made_anew_while_the_last_good_certificate_is_served(string key, string value)
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var replica = new Replica(cluster, _clock);
        await replica.StartAsync();
        var before = replica.Certificate.Leaf.SerialNumber;

        cluster.WriteSecret(key, value);
        await replica.LookAsync();

        replica.Certificate.Leaf.SerialNumber.Should().NotBe(before);
        Trusts(cluster.Bundles()[0], replica).Should().BeTrue();
    }

    [Fact]
    public async Task A_certificate_without_a_name_that_is_needed_now_is_replaced_by_way_of_a_renewal()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var earlier = new Replica(cluster, _clock);
        await earlier.StartAsync();

        using var later = new Replica(cluster, _clock, service: "stevedore-other");
        await later.StartAsync();
        later.Certificate.Leaf.SerialNumber.Should().Be(earlier.Certificate.Leaf.SerialNumber);
        await later.LookAsync();
        _clock.Advance(later.Settings.Propagation);
        await later.LookAsync();

        later.Certificate.Leaf.SerialNumber.Should().NotBe(earlier.Certificate.Leaf.SerialNumber);
    }

    [Fact]
    public async Task While_the_api_server_is_away_what_is_served_stays_and_the_trouble_is_told_of_once()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var replica = new Replica(cluster, _clock);
        await replica.StartAsync();
        var before = replica.Certificate.Leaf.SerialNumber;

        cluster.Refusal = HttpStatusCode.InternalServerError;
        for (var i = 0; i < 5; i++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await replica.LookAsync();
        }

        replica.Certificate.Leaf.SerialNumber.Should().Be(before);
        replica.Logs.All.Where(line => line.StartsWith("Warning", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain("answered 500");
    }

    [Fact]
    public async Task A_replica_without_rights_says_which_it_needs_and_starts_when_it_has_them()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var replica = new Replica(cluster, _clock);
        cluster.Refusal = HttpStatusCode.Forbidden;

        var starting = replica.StartAsync();
        await replica.Logs.UntilAsync("needs get and update on the Secret stevedore-system/stevedore-webhook-tls", TestContext.Current.CancellationToken);
        replica.Certificate.IsLoaded.Should().BeFalse();
        cluster.Refusal = null;
        for (var i = 0; i < 2000 && !starting.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await starting;
        replica.Certificate.IsLoaded.Should().BeTrue();
    }

    [Fact]
    public async Task Without_a_configuration_or_a_secret_it_serves_all_the_same()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        cluster.Remove(CertificateCluster.ConfigurationPath);
        cluster.Remove(CertificateCluster.SecretPath);
        using var replica = new Replica(cluster, _clock);

        var starting = replica.StartAsync();
        for (var i = 0; i < 2000 && !starting.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await starting;
        replica.Certificate.IsLoaded.Should().BeTrue();
        cluster.Writes.Should().Equal("POST stevedore-webhook-tls 201");
    }

    private bool Signs(string bundle, CertificateCluster cluster)
    {
        ServingPair.TryRead(new PemPair(cluster.Secret("tls.crt")!, cluster.Secret("tls.key")!), "tls.crt", "tls.key", _clock.GetUtcNow(), out var pair, out var problem)
            .Should().BeTrue(problem);
        using (pair)
            return pair!.IsSignedBy(bundle, _clock.GetUtcNow());
    }

    private bool Trusts(string bundle, Replica replica)
    {
        using var chain = new System.Security.Cryptography.X509Certificates.X509Chain();
        chain.ChainPolicy.TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle);
        return chain.Build(replica.Certificate.Leaf);
    }
}
