namespace Stevedore.Fetcher.Upkeep;

/// <summary>A version that went.</summary>
/// <param name="Reference">As it was asked for first; the model's folder where it was never complete.</param>
/// <param name="Version">Commit or digest of the file list.</param>
/// <param name="Bytes">What came free with it.</param>
/// <param name="Why">Which rule it fell under.</param>
internal sealed record RemovedVersion(string Reference, string Version, long Bytes, string Why);

/// <summary>A version that a rule would have removed.</summary>
/// <param name="Reference">As in <see cref="RemovedVersion"/>.</param>
/// <param name="Version">As in <see cref="RemovedVersion"/>.</param>
/// <param name="Why">Who needs it.</param>
internal sealed record KeptVersion(string Reference, string Version, string Why);

/// <summary>Leftovers of one kind.</summary>
/// <param name="What">The kind.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">What came free with them.</param>
internal sealed record ReclaimedLeftovers(string What, int Files, long Bytes);

/// <summary>What a prune did, or would do; the names are those of <c>prune -o json</c> and stay.</summary>
/// <param name="DryRun">Whether nothing was touched.</param>
/// <param name="Removed">Versions that went.</param>
/// <param name="Kept">Versions that are needed.</param>
/// <param name="Reclaimed">Leftovers that went.</param>
/// <param name="BytesFreed">What came free in all.</param>
/// <param name="BytesLeft">What the cache still holds.</param>
internal sealed record PruneReport(
    bool DryRun, IReadOnlyList<RemovedVersion> Removed, IReadOnlyList<KeptVersion> Kept, IReadOnlyList<ReclaimedLeftovers> Reclaimed, long BytesFreed, long BytesLeft);
