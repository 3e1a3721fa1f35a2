using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs.Issuing;
using Stevedore.LoadClient;
using Stevedore.Programs;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>Short versions of what <c>make bench PART="rotation rollout"</c> measures over minutes.</summary>
public sealed class UnderLoadTests : IDisposable
{
    private const int Rate = 100;

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_certificates_are_replaced_no_handshake_and_no_review_fails()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(_ => RunningServer.Skip, clock);

        var load = LoadAsync(server.Certificates, server.Address, seconds: 4, "--reviews-a-connection", "3");
        for (var rotation = 0; rotation < 3; rotation++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(600), Cancellation);
            server.Logs.Clear();
            server.Certificates.Write(server.Certificates.Issue());
            await server.Logs.UntilAsync("Took the certificate", Cancellation, () => clock.Advance(CertificateReload.Period));
        }

        (await load).Should().Be(0, _output + _error.ToString());
        Report()["failures"]!.GetValue<int>().Should().Be(0);
        Report()["certificates"]!.GetValue<int>().Should().BeGreaterThan(1);
    }

    [Fact]
    public async Task While_two_replicas_are_restarted_in_turn_no_review_fails()
    {
        using var authority = CertificateAuthority.Create(TimeSpan.FromDays(1), TimeProvider.System);
        using var trusted = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(authority.Certificate.RawData);
        await using var balancer = TcpBalancer.Start(trusted);
        var replicas = new Queue<RunningServer>();
        try
        {
            replicas.Enqueue(await ReplicaAsync(authority, balancer));
            replicas.Enqueue(await ReplicaAsync(authority, balancer));
            using var folder = new CertificateFolder(authority, owned: false);
            var load = LoadAsync(folder, balancer.Address, seconds: 8);
            for (var restart = 0; restart < 2; restart++)
            {
                var old = replicas.Dequeue();
                await old.StopAsync();
                balancer.Remove(old.Address);
                replicas.Enqueue(await ReplicaAsync(authority, balancer));
                await old.DisposeAsync();
            }

            (await load).Should().Be(0, _output + _error.ToString());
            Report()["failures"]!.GetValue<int>().Should().Be(0);
        }
        finally
        {
            while (replicas.TryDequeue(out var replica))
                await replica.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private static async Task<RunningServer> ReplicaAsync(CertificateAuthority authority, TcpBalancer balancer)
    {
        var replica = await RunningServer.StartAsync(_ => RunningServer.Skip, pause: TimeSpan.FromSeconds(2), certificates: new CertificateFolder(authority, owned: false));
        await balancer.AddAsync(replica.Address, Cancellation);
        return replica;
    }

    private JsonNode Report() => JsonNode.Parse(_output.ToString().TrimEnd('\n').Split('\n')[^1])!;

    private Task<int> LoadAsync(CertificateFolder folder, Uri address, int seconds, params string[] more)
    {
        var trusted = Path.Combine(folder.Path, "ca.crt");
        File.WriteAllText(trusted, folder.Authority.CertificatePem);
        var review = Path.Combine(AppContext.BaseDirectory, "Golden", "vllm-minimal", "in.json");
        return LoadCommandLine.RunAsync(
            ["--url", $"https://localhost:{address.Port}/mutate/explicit?timeout=10s", "--ca", trusted, "--review", review, "--rate", $"{Rate}", "--seconds", $"{seconds}", .. more],
            _output,
            _error,
            Cancellation);
    }
}
