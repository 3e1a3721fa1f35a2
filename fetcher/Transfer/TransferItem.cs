using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Transfer;

/// <summary>One content to bring into the cache.</summary>
/// <param name="Key">Names its partial file and its lease: the digest where there is one. Unique among the items of a run.</param>
/// <param name="Name">What a person calls it: model and path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">What it must hash to; null where size is all there is.</param>
/// <param name="Identity">Tells this content from any other under the same key: digest, or validator and size.</param>
/// <param name="Origin">Where the bytes come from.</param>
/// <param name="Targets">Where it goes, absolute; more than one where several files of a version are the same.</param>
internal sealed record TransferItem(
    string Key, string Name, long Size, ContentDigest? Digest, string Identity, IContentOrigin Origin, IReadOnlyList<string> Targets)
{
    /// <summary>
    /// The small files that share a lease with this one, named so that every fetcher of the version puts them together in the same way, whatever of them is there
    /// already; null where the content has a lease of its own.
    /// </summary>
    public string? Batch { get; init; }
}

/// <summary>Small contents that are fetched one after the other, under one lease.</summary>
/// <param name="Key">Names the lease.</param>
/// <param name="Items">What of the batch is missing.</param>
internal sealed record SmallBatch(string Key, IReadOnlyList<TransferItem> Items)
{
    /// <summary>What a person calls it.</summary>
    public string Name => Items.Count == 1 ? Items[0].Name : $"{Items[0].Name} and {Items.Count - 1} more small files";
}
