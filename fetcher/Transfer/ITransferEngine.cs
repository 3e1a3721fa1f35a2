using System.Collections.Concurrent;

namespace Stevedore.Fetcher.Transfer;

/// <summary>Brings items into the cache: fetched, verified and published, or nothing of them.</summary>
internal interface ITransferEngine
{
    /// <summary>Fetches all items and blocks until they are published.</summary>
    /// <param name="items">What is missing; an item that another fetcher publishes meanwhile is left to it.</param>
    /// <param name="cancellationToken">Stops within a fraction of a second; what was fetched stays for the next start.</param>
    /// <returns>SHA-256 in hexadecimal, by key, of the items that had no digest.</returns>
    /// <exception cref="FetchException">65, 66, 69, 73, 75 or 77, for the first item that can't be had.</exception>
    ConcurrentDictionary<string, string> Run(IReadOnlyList<TransferItem> items, CancellationToken cancellationToken);
}
