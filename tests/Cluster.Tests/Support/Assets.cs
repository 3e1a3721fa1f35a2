using System.Runtime.CompilerServices;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>The binaries of a control plane, where envtest and its setup-envtest put them: a folder that KUBEBUILDER_ASSETS names.</summary>
internal static class Assets
{
    private const string Variable = "KUBEBUILDER_ASSETS";

    /// <summary>Why there is no API server to test against; null where there is one.</summary>
    public static string? Hindrance { get; } = Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } ? $"{Variable} is not set" : null;

    /// <summary>One of the binaries.</summary>
    /// <exception cref="InvalidOperationException">The folder has it not.</exception>
    public static string Find(string name)
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable(Variable)!, name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{Variable} names a folder without {name}; setup-envtest makes one that has it.");
    }
}

/// <summary>A test that needs a real API server.</summary>
internal sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Assets.Hindrance;
}

/// <summary>A test for several cases that needs a real API server.</summary>
internal sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Assets.Hindrance;
}
