using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;

namespace Stevedore.Demo.Steps;

/// <summary>Step: the killed run's command line is started again, as the kubelet would, and goes on where it was.</summary>
internal static class Resume
{
    /// <summary>What a kill may cost in bytes served twice: eight connections, 8 MiB each.</summary>
    public const long WasteLimit = 8 * (8L << 20);

    public static async Task RunAsync(Scene scene, InjectedRun container, ModelHub hub, Model model, long servedBefore, CancellationToken cancellationToken)
    {
        var step = scene.Begin("The killed run is started again and resumes", "fetch, resumed");
        var before = hub.Traffic;
        var end = await container.RunAsync(cancellationToken);
        step.Stop();
        var served = (hub.Traffic - before).Bytes;
        var waste = servedBefore + served - model.Size;
        scene.Stage.Facts(
        [
            .. RunContainer.Said(scene, end),
            ("waste", $"{Bytes.Text(servedBefore)} + {Bytes.Text(served)} served, {Bytes.Text(waste)} more than the model has"),
        ]);
        Scene.Require(served < model.Size, $"The resumed run fetched all {served} bytes again: nothing of the killed run was used.");
        Scene.Require(waste is >= 0 and <= WasteLimit, $"The kill cost {Bytes.Text(waste)}; at most {Bytes.Text(WasteLimit)} are allowed.");
        step.Close($"waste of the kill: {Bytes.Text(waste)}", InjectedRun.Fetched(end), served);
    }
}
