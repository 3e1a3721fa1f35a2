using System.Text.RegularExpressions;
using Stevedore.Programs;

namespace Stevedore.Demo.Pods;

/// <summary>
/// The injected container as a process: the published fetcher with the container's own arguments, in which only the mount paths are mapped to folders
/// that stand for the volumes, and the container's own environment, to which only <c>HF_ENDPOINT</c> is added.
/// </summary>
internal sealed partial class InjectedRun(string program, PatchedPod pod, PodVolumes volumes, Uri hub)
{
    private const double Mebi = 1 << 20;

    /// <summary>The folders that stand for the pod's volumes.</summary>
    public PodVolumes Volumes => volumes;

    /// <summary>The container's mounts and the folders that stand for them.</summary>
    public IReadOnlyList<(string MountPath, string Folder)> Mounts => volumes.MountsOf(pod.Fetcher);

    /// <summary>The arguments, mapped.</summary>
    public IReadOnlyList<string> Arguments => [.. pod.FetcherArguments.Select(argument => volumes.Map(pod.Fetcher, argument))];

    /// <summary>The command line for people to read.</summary>
    public string CommandLine => $"HF_ENDPOINT={hub.OriginalString} {Path.GetFileName(program)} {string.Join(' ', Arguments)}";

    /// <summary>Starts it.</summary>
    public ChildProgram Start() => ChildProgram.Start(
        program, Arguments, new Dictionary<string, string>(PatchedPod.Variables(pod.Fetcher)) { ["HF_ENDPOINT"] = hub.OriginalString });

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ProgramException">It did not end well.</exception>
    public async Task<EndedProgram> RunAsync(CancellationToken cancellationToken)
    {
        await using var program = Start();
        return (await program.EndAsync(cancellationToken)).OrThrow("The injected container's command line");
    }

    /// <summary>How many bytes the fetcher says it received, from its last line: <c>done: 64.1 MiB fetched, …</c>.</summary>
    public static long Fetched(EndedProgram end)
    {
        var said = end.Errors.Select(line => Done().Match(line)).LastOrDefault(match => match.Success);
        Scene.Require(said is not null, $"The fetcher did not sum its run up; it said: {string.Join(' ', end.Errors)}");
        return (long)(double.Parse(said.Groups[1].Value) * Mebi);
    }

    [GeneratedRegex(@"^done: ([0-9.]+) MiB fetched")]
    private static partial Regex Done();
}
