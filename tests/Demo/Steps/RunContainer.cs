using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;
using Stevedore.Programs;

namespace Stevedore.Demo.Steps;

/// <summary>Steps: the injected container's own command line, with an empty cache and with a full one.</summary>
internal static class RunContainer
{
    /// <summary>Stands a pod up on this machine: an empty folder a volume.</summary>
    public static InjectedRun Prepare(Scene scene, PatchedPod pod, ModelHub hub, string name)
    {
        var volumes = new PodVolumes(scene.Scratch.Sub(name));
        foreach (var (_, folder) in volumes.MountsOf(pod.Fetcher))
            Directory.CreateDirectory(folder);
        return new InjectedRun(scene.Checkout.Fetcher, pod, volumes, hub.Endpoint);
    }

    public static async Task ColdAsync(Scene scene, InjectedRun container, ModelHub hub, Model model, CancellationToken cancellationToken)
    {
        var step = scene.Begin("The injected container runs: cold", "fetch, cold");
        var before = hub.Traffic;
        var end = await container.RunAsync(cancellationToken);
        step.Stop();
        var traffic = hub.Traffic - before;
        var fetched = InjectedRun.Fetched(end);
        scene.Stage.Facts(
        [
            .. container.Mounts.Select(mount => ("mounts", $"{mount.MountPath} is mapped to {scene.Stage.Brief(mount.Folder)}")),
            ("command", scene.Stage.Brief(container.CommandLine)),
            .. Said(scene, end),
        ]);

        // A machine too busy to read for a while may make the fetcher ask again for a part; nothing is promised about that but a bound.
        var again = traffic.Bytes - model.Size;
        Scene.Require(again >= 0, $"A cold fetch of a model of {model.Size} bytes made the Hub serve only {traffic.Bytes}: it did not fetch the whole model.");
        Scene.Require(again <= Resume.WasteLimit, $"A cold fetch of a model of {model.Size} bytes made the Hub serve {traffic.Bytes}: it fetched much of it twice.");
        step.Close($"{traffic.Requests} requests, {(again == 0 ? "every byte served once" : $"{Bytes.Text(again)} served twice")}", fetched, traffic.Bytes);
    }

    public static async Task WarmAsync(Scene scene, InjectedRun container, ModelHub hub, CancellationToken cancellationToken)
    {
        var step = scene.Begin("The same command line again: warm", "fetch, warm");
        var before = hub.Traffic;
        var end = await container.RunAsync(cancellationToken);
        step.Stop();
        var traffic = hub.Traffic - before;
        scene.Stage.Facts([.. Said(scene, end), ("took", $"{end.Took.TotalMilliseconds:0} ms, process start included")]);
        Scene.Require(traffic.Bytes == 0, $"A warm start made the Hub serve {traffic.Bytes} bytes; it should need none.");
        step.Close($"{traffic.Requests} requests", InjectedRun.Fetched(end), traffic.Bytes);
    }

    /// <summary>What the fetcher wrote, for showing.</summary>
    public static IEnumerable<(string Name, string Value)> Said(Scene scene, EndedProgram end) =>
    [
        .. end.Errors.Select(line => ("stderr", scene.Stage.Brief(line))),
        .. end.Output.Select(line => ("stdout", scene.Stage.Brief(line))),
    ];
}
