using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.CommandLines;

/// <summary>What a container's command says: whether it is vLLM, and which models it names.</summary>
/// <param name="IsVllm">Whether the command line runs vLLM, or the image is one of vLLM's.</param>
/// <param name="Lines">The vLLM command lines in it, usually one.</param>
/// <param name="Unread">What can't be read before the container runs.</param>
internal sealed record WorkloadCommand(bool IsVllm, IReadOnlyList<VllmCommandLine> Lines, IReadOnlyList<string> Unread)
{
    // More than one pod may have models.
    private const int MostLines = 100;

    /// <summary>Reads a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="isChosen">Whether somebody said that this container is the one: its arguments are then read as vLLM's also where the
    /// image is not known.</param>
    public static WorkloadCommand Of(Container container, ContainerEnvironment environment, bool isChosen)
    {
        var isServerImage = VllmImage.IsServer(container.Image);
        var lines = new List<VllmCommandLine>();
        var unread = new List<string>();
        Read(container, environment, [], lines, unread);
        if (lines.Count == 0 && container.Command.Count == 0 && (isServerImage || isChosen))
            Read(container, environment, EntrypointFor(container), lines, unread);
        return new WorkloadCommand(isServerImage || lines.Count > 0, lines, [.. unread.Distinct()]);
    }

    private static void Read(
        Container container,
        ContainerEnvironment environment,
        IReadOnlyList<string> entrypoint,
        List<VllmCommandLine> lines,
        List<string> unread)
    {
        foreach (var command in ContainerCommands.Of(container, environment, entrypoint))
        {
            if (lines.Count == MostLines)
                return;
            if (VllmInvocation.Find(command) is not { } invocation)
            {
                // A shell whose whole script is unknown.
                if (command is [{ Missing: { } missing }])
                    unread.Add(missing);
                continue;
            }

            var line = VllmCommandLineReader.Read(invocation);
            lines.Add(line);
            unread.AddRange(line.Unread);
        }
    }

    /// <summary>
    /// Under vLLM's entrypoint, arguments may repeat the subcommand, since the image's entrypoint differs between versions.
    /// </summary>
    private static IReadOnlyList<string> EntrypointFor(Container container) =>
        container.Args is ["serve" or "run-batch", ..] ? [VllmImage.Entrypoint[0]] : VllmImage.Entrypoint;
}
