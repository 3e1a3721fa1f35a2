using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>The replicas' own certificates, as API servers meet them. The shared webhook is back when a test is over.</summary>
[Collection(InCluster.Name)]
public sealed class CertificateTests(TestCluster cluster) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async ValueTask InitializeAsync()
    {
        if (Assets.Hindrance is not null)
            return;
        (await cluster.Webhook.StopAsync()).Code.Should().Be(0);
        await Trust.ForgetAsync(cluster);
    }

    public async ValueTask DisposeAsync()
    {
        if (Assets.Hindrance is not null)
            return;
        await Trust.ForgetAsync(cluster);
        await cluster.StartWebhookAsync();
    }

    [ClusterTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Two_replicas_that_start_together_agree_on_one_authority(int round)
    {
        var replicas = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => WebhookReplica.StartAsync(cluster)));
        try
        {
            var secret = await Trust.SecretAsync(cluster);
            var authority = Encoding.UTF8.GetString(secret.Data["ca.crt"]);
            (await Trust.BundleAsync(cluster)).Trim().Should().Be(authority.Trim(), $"round {round}: nobody else is trusted");
            var place = await cluster.NamespaceAsync();
            foreach (var replica in replicas)
            {
                using var client = Trust.ClientOf(replica, authority);
                (await client.GetStringAsync(new Uri("/readyz", UriKind.Relative))).Should().Be("ok\n");
                await cluster.AnswerAtAsync(replica.Port);
                await Eventually.AsyncTrue(
                    async () => (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place, dryRun: true)).Fetcher is not null, "the API server trusts this replica", Patience);
            }
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    [ClusterFact]
    public async Task While_the_certificate_is_renewed_under_two_replicas_no_pod_is_refused()
    {
        const string Shortest = "--certificate-lifetime=1m";
        await using var one = await WebhookReplica.StartAsync(cluster, Shortest);
        await using var other = await WebhookReplica.StartAsync(cluster, Shortest);
        await using var balancer = new Balancer(one.Port, other.Port);
        await cluster.AnswerAtAsync(balancer.Port);
        await cluster.AwaitInjectionAsync();

        var place = await cluster.NamespaceAsync();
        var (serials, created, failures) = (new HashSet<string>(), 0, new ConcurrentQueue<string>());
        using var end = new CancellationTokenSource(Patience);
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(LoadAsync)).ToList();
        try
        {
            await Eventually.AsyncTrue(async () => serials.Add(await SerialAsync()) && serials.Count == 3, "the certificate was renewed twice", Patience);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(load);
        }

        failures.Should().BeEmpty();
        created.Should().BeGreaterThan(1000);

        async Task LoadAsync()
        {
            while (!end.IsCancellationRequested)
            {
                var pod = await cluster.CreateAsync(Pods.Vllm(Maker.Deployment).Saying("model", Pods.Model), place);
                Interlocked.Increment(ref created);
                if (pod.Fetcher is null)
                    failures.Enqueue(pod.Refusal ?? "created, and not injected");
            }
        }
    }

    private async Task<string> SerialAsync() =>
        (await Trust.SecretAsync(cluster)).Data is { } data && data.TryGetValue("tls.crt", out var pem) ? X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(pem)).SerialNumber : "";
}
