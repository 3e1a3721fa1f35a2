using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Locking;

/// <summary>The right to fetch one blob, for one epoch. A later epoch ends it, whether its holder notices or not.</summary>
/// <param name="Key">The blob's name.</param>
/// <param name="Epoch">Counts up from 1.</param>
/// <param name="Owner">The fetcher that holds it.</param>
/// <param name="Previous">Earlier epochs whose partial files may be taken over, newest first.</param>
internal sealed record BlobLease(string Key, int Epoch, string Owner, IReadOnlyList<PreviousEpoch> Previous)
{
    /// <summary>Where this epoch's bytes go: an inode of its own, which no earlier owner holds open.</summary>
    public string PartialPath(CacheLayout cache) => PartialPath(cache, Key, Epoch, Owner);

    /// <summary>The journal beside <see cref="PartialPath(CacheLayout)"/>.</summary>
    public string JournalPath(CacheLayout cache) => JournalOf(PartialPath(cache));

    /// <summary>
    /// The partial file of any epoch. Its owner's name is part of it, because epochs count from 1 again once a blob was published and withdrawn: a fetcher
    /// that wakes up after all that must not find somebody else's half-written file under the name of its own whole one.
    /// </summary>
    public static string PartialPath(CacheLayout cache, string key, int epoch, string owner) => Path.Combine(cache.Partials, $"{key}.{epoch}.{owner}");

    /// <summary>The journal beside a partial file.</summary>
    public static string JournalOf(string partialPath) => partialPath + ".journal";
}

/// <summary>An epoch that ended without publishing.</summary>
/// <param name="Epoch">Its number.</param>
/// <param name="Owner">Whose it was; null where its maker died before it wrote its name, and so has no partial file.</param>
/// <param name="OwnerIsGone">Whether its owner can never write again, so that its file may be used in place.</param>
internal sealed record PreviousEpoch(int Epoch, string? Owner, bool OwnerIsGone);

/// <summary>What asking for a lease gives.</summary>
/// <param name="Lease">The lease; null when somebody else has it.</param>
/// <param name="Taken">Who has it then.</param>
internal sealed record LeaseAnswer(BlobLease? Lease, TakenLease? Taken)
{
    /// <summary>Who has it; null where that is not known yet, or where the lease was given.</summary>
    public string? Owner => Taken?.Owner;
}

/// <summary>A lease that somebody else holds.</summary>
/// <param name="Key">The blob's name.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Owner">Its owner; null where that is not known yet.</param>
internal sealed record TakenLease(string Key, int Epoch, string? Owner);
