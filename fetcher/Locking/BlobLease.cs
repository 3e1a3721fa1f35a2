using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Locking;

/// <summary>The right to fetch one blob, for one epoch. A later epoch ends it, whether its holder notices or not.</summary>
/// <param name="Key">The blob's name.</param>
/// <param name="Epoch">Counts up from 1.</param>
/// <param name="Previous">Earlier epochs whose partial files may be taken over, newest first.</param>
internal sealed record BlobLease(string Key, int Epoch, IReadOnlyList<PreviousEpoch> Previous)
{
    /// <summary>Where this epoch's bytes go: an inode of its own, which no earlier owner holds open.</summary>
    public string PartialPath(CacheLayout cache) => PartialPath(cache, Key, Epoch);

    /// <summary>The journal beside <see cref="PartialPath(CacheLayout)"/>.</summary>
    public string JournalPath(CacheLayout cache) => PartialPath(cache) + ".journal";

    /// <summary>The partial file of any epoch.</summary>
    public static string PartialPath(CacheLayout cache, string key, int epoch) => Path.Combine(cache.Partials, $"{key}.{epoch}");
}

/// <summary>An epoch that ended without publishing.</summary>
/// <param name="Epoch">Its number.</param>
/// <param name="OwnerIsGone">Whether its owner can never write again, so that its file may be used in place.</param>
internal sealed record PreviousEpoch(int Epoch, bool OwnerIsGone);

/// <summary>What asking for a lease gives.</summary>
/// <param name="Lease">The lease; null when somebody else has it.</param>
/// <param name="Owner">Who has it then.</param>
internal sealed record LeaseAnswer(BlobLease? Lease, string? Owner);
