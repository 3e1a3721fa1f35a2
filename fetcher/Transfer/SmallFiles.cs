using System.Collections.Concurrent;
using System.Diagnostics;
using Stevedore.Contract;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// Contents that fit into one buffer: checked in memory, staged under a temporary name and published together, under a lease a batch. Who lost the lease
/// meanwhile does no harm: what it gives a name is a file of its own, whole and verified, and the same as its successor's.
/// </summary>
internal sealed class SmallFiles(
    LeaseStore leases,
    BlobShelf shelf,
    StagedContents waiting,
    Backoff backoff,
    RangeReader reader,
    ConcurrentDictionary<string, string> digests,
    FetchMeter meter,
    CancellationToken stop)
{
    private const int MostAhead = 8;
    private const long MostBytesAhead = 1 << 20;

    /// <summary>Fetches a batch, and publishes it or leaves it to be published with the next; what somebody else published meanwhile is left alone.</summary>
    /// <param name="batch">The contents.</param>
    /// <param name="isLast">Whether no other batch will follow.</param>
    /// <returns>Null when it is done; who fetches it where that is somebody else.</returns>
    public TakenLease? Fetch(SmallBatch batch, Func<bool> isLast)
    {
        if (batch.Items.All(BlobShelf.Holds))
        {
            foreach (var item in batch.Items)
                BlobShelf.HoldsAndCounts(item, meter);
            return null;
        }

        var answer = leases.TryTake(batch.Key);
        if (answer.Lease is not { } lease)
            return answer.Taken;
        var staged = new List<(TransferItem, string)>();
        try
        {
            shelf.Refresh(batch.Items);
            BlobShelf.Prepare(batch.Items);
            StageMissing(batch.Items, staged);
            return null;
        }
        finally
        {
            // What is good is published, also where a later one is not.
            waiting.Add(staged, lease, isLast());
        }
    }

    private void StageMissing(IReadOnlyList<TransferItem> items, List<(TransferItem, string)> staged)
    {
        // Whoever had the lease before published from the first to the last: where neither is there, a look at each would only take time. What it left in between is fetched once more.
        var someAreThere = BlobShelf.Holds(items[0]) || BlobShelf.Holds(items[^1]);
        for (var i = 0; i < items.Count; i++)
        {
            if (!someAreThere || !BlobShelf.HoldsAndCounts(items[i], meter))
                staged.Add((items[i], Stage(items[i], Following(items, i))));
        }
    }

    /// <summary>What is asked for along with a content: as much as makes up for a round trip, and no more than a kill may waste.</summary>
    private static List<IContentOrigin> Following(IReadOnlyList<TransferItem> items, int index)
    {
        var next = new List<IContentOrigin>(MostAhead);
        var bytes = 0L;
        for (var i = index + 1; i < items.Count && next.Count < MostAhead && (bytes += items[i].Size) <= MostBytesAhead; i++)
            next.Add(items[i].Origin);
        return next;
    }

    private string Stage(TransferItem item, IReadOnlyList<IContentOrigin> next)
    {
        var changes = 0;
        for (var failures = 0; ;)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                var content = reader.ReadWhole(item, next, stop);
                var started = Stopwatch.GetTimestamp();
                var computed = ContentHasher.OfWhole(item.Digest, content);
                meter.Verified(content.Length, Stopwatch.GetElapsedTime(started));
                if (item.Digest is { } expected && expected.Hex != computed)
                    throw Failures.WrongDigest(item, computed);
                if (item.Digest is null)
                    digests[item.Key] = computed;
                meter.Present(content.Length);
                return shelf.Stage(item, content);
            }
            catch (TransferException error) when (error.Fault is TransferFault.Changed or TransferFault.NothingThere)
            {
                meter.Retry(error.Cause);
                if (changes++ > 0)
                {
                    throw new FetchException(
                        ExitCode.WrongContent, $"{item.Name} is not what its source listed ({error.Message}); fetch again when its publisher is done.", error);
                }
            }
            catch (TransferException error)
            {
                failures++;
                Failures.CountOrThrow(item, error, meter, () => failures);
                backoff.Wait(backoff.Next(failures, error.RetryAfter), stop);
            }
        }
    }
}
