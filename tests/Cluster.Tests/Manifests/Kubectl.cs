using Stevedore.Programs;

namespace Stevedore.Cluster.Tests.Manifests;

/// <summary>The kubectl of this machine: the one beside the API server's binaries, else the one in PATH.</summary>
internal static class Kubectl
{
    /// <summary>Where it is; null where it is not.</summary>
    public static string? Path { get; } = Folders().Select(folder => System.IO.Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Runs it to its end and gives what it printed.</summary>
    /// <exception cref="ProgramException">It failed; the sentence has its last words.</exception>
    public static async Task<string> RunAsync(params string[] arguments) =>
        string.Join('\n', (await EndAsync(arguments)).OrThrow($"kubectl {string.Join(' ', arguments)}").Output);

    /// <summary>Runs it to its end, whatever that is.</summary>
    public static async Task<EndedProgram> EndAsync(params string[] arguments)
    {
        await using var kubectl = ChildProgram.Start(Path!, arguments);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        return await kubectl.EndAsync(patience.Token);
    }

    private static IEnumerable<string> Folders() =>
        new[] { Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')).OfType<string>().Where(folder => folder.Length > 0);
}

/// <summary>A test that needs kubectl.</summary>
internal sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute([System.Runtime.CompilerServices.CallerFilePath] string? file = null, [System.Runtime.CompilerServices.CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Kubectl.Path is null ? "kubectl is not here" : null;
}

/// <summary>A test for several cases that needs kubectl.</summary>
internal sealed class KubectlTheoryAttribute : TheoryAttribute
{
    public KubectlTheoryAttribute([System.Runtime.CompilerServices.CallerFilePath] string? file = null, [System.Runtime.CompilerServices.CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Kubectl.Path is null ? "kubectl is not here" : null;
}
