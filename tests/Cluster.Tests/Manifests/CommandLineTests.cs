using k8s.Models;
using Stevedore.Programs;

namespace Stevedore.Cluster.Tests.Manifests;

/// <summary>The command lines that the manifests give the webhook and the fetcher are ones that these programs take.</summary>
public sealed class CommandLineTests
{
    [KubectlFact]
    public async Task With_cert_manager_the_webhook_asks_for_the_files_that_the_Secret_brings()
    {
        var ended = await RunAsync(await ArgumentsAsync("overlays/cert-manager"));
        ended.Code.Should().Be(64, "the files are not here");
        ended.Errors.Should().ContainSingle().Which.Should().Contain("/var/run/stevedore/tls/tls.crt");
    }

    [KubectlFact]
    public async Task Without_it_the_webhook_asks_for_an_API_server()
    {
        var ended = await RunAsync([.. await ArgumentsAsync("."), "--kubeconfig=/does/not/exist"]);
        ended.Code.Should().Be(64);
        ended.Errors.Should().ContainSingle().Which.Should().Contain("/does/not/exist");
    }

    private static async Task<IEnumerable<string>> ArgumentsAsync(string path) =>
        (await Manifest.BuildAsync(path)).Select(KnownKinds.Read).OfType<V1Deployment>().Single().Spec.Template.Spec.Containers.Single().Args;

    private static async Task<EndedProgram> RunAsync(IEnumerable<string> arguments)
    {
        await using var webhook = ChildProgram.Start(Path.Combine(AppContext.BaseDirectory, "stevedore-webhook"), [.. arguments, "--listen=https://127.0.0.1:0", "--metrics=http://127.0.0.1:0"]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await webhook.EndAsync(patience.Token);
    }
}
