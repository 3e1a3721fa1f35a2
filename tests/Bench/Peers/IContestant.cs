namespace Stevedore.Bench.Peers;

/// <summary>A program that fetches.</summary>
internal interface IContestant
{
    /// <summary>Its name, also on the PATH.</summary>
    string Name { get; }

    /// <summary>Whether it compares what it fetched with the digests that are published beside it.</summary>
    bool Verifies { get; }

    /// <summary>Where it lies; null where it isn't installed.</summary>
    string? Path { get; }

    /// <summary>How it is called for an errand; null where it does not speak to that source.</summary>
    Invocation? For(Errand errand);
}

/// <summary>What to fetch, and where to.</summary>
/// <param name="Source">How it is served.</param>
/// <param name="Set">What.</param>
/// <param name="Server">Who serves it.</param>
/// <param name="Target">An empty folder.</param>
/// <param name="Desk">A folder for lists and settings that are written before the clock runs.</param>
internal sealed record Errand(Source Source, WrittenSet Set, NginxProgram Server, string Target, string Desk)
{
    /// <summary>Files that are worth several connections each.</summary>
    public bool IsOfLargeFiles => Set.Set.Sizes[0] >= 64 << 20;

    /// <summary>The address of a file.</summary>
    public string Address(string name) => $"{Server.Site(Source)}/{NginxConfiguration.AsJson}/{Set.Set.Name}/{name}";
}

/// <summary>A call of a program.</summary>
/// <param name="Arguments">Behind its name.</param>
/// <param name="Environment">What it finds besides the few variables that any program needs.</param>
internal sealed record Invocation(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>A call that needs nothing of its environment.</summary>
    public static Invocation Of(params IReadOnlyList<string> arguments) => new(arguments, new Dictionary<string, string>());
}
