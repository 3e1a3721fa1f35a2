using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>What the pod, and its namespace where the pod says nothing, ask for.</summary>
internal sealed record PodWishes
{
    /// <summary>The models of the annotation, in its order; empty where it is left to the command line.</summary>
    public IReadOnlyList<ModelReference> Models { get; init; } = [];

    /// <summary>Who fills the cache.</summary>
    public required Strategy Strategy { get; init; }

    /// <summary>The containers that read the models; empty to find them.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Only files that one of these covers.</summary>
    public IReadOnlyList<Glob> Include { get; init; } = [];

    /// <summary>No file that one of these covers.</summary>
    public IReadOnlyList<Glob> Exclude { get; init; } = [];

    /// <summary>Whether vLLM shall not ask the Hub; null where nobody says.</summary>
    public bool? Offline { get; init; }

    /// <summary>How long the meaning of a mutable revision is trusted.</summary>
    public TimeSpan? Refresh { get; init; }

    /// <summary>How large the models are together.</summary>
    public ByteSize? SizeHint { get; init; }

    /// <summary>CPUs for the fetcher.</summary>
    public decimal? FetcherCpu { get; init; }

    /// <summary>Bytes of memory for the fetcher.</summary>
    public decimal? FetcherMemory { get; init; }
}
