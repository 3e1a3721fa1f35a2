using k8s.Models;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Programs;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>
/// One process of the webhook as it was built beside these tests, with the command line that the Deployment gives it and under the ServiceAccount that it
/// runs as; what only a pod has (a token in a file, ports of its own) is said by further options.
/// </summary>
internal sealed class WebhookReplica : IAsyncDisposable
{
    public const string Account = "stevedore-webhook";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly WebhookProgram _program;

    private WebhookReplica(WebhookProgram program) => _program = program;

    /// <summary>Where it answers on loopback.</summary>
    public int Port => _program.Address.Port;

    /// <summary>Where its metrics are.</summary>
    public Uri Metrics => new(_program.Metrics!, "/metrics");

    /// <summary>Starts it and waits until it calls itself ready.</summary>
    /// <param name="cluster">The cluster that it serves.</param>
    /// <param name="further">Options that the Deployment does not have.</param>
    public static async Task<WebhookReplica> StartAsync(TestCluster cluster, params string[] further)
    {
        var kubeconfig = cluster.Plane.WriteKubeconfig($"webhook-{Guid.NewGuid():N}", await cluster.TokenAsync(TestCluster.SystemNamespace, Account));
        var deployment = (await Manifest.BuildAsync(".")).Select(KnownKinds.Read).OfType<V1Deployment>().Single();
        var own = deployment.Spec.Template.Spec.Containers.Single().Args.Where(argument => !argument.StartsWith("--pause", StringComparison.Ordinal));
        var program = await WebhookProgram.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "stevedore-webhook"),
            [
                .. own, "--pause=0s", "--listen=https://127.0.0.1:0", "--metrics=http://127.0.0.1:0", $"--kubeconfig={kubeconfig}",
                $"--namespace={TestCluster.SystemNamespace}", .. further,
            ],
            Patience,
            CancellationToken.None);
        return new WebhookReplica(program);
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public Task<EndedProgram> StopAsync() => _program.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
