using System.Collections.Concurrent;
using System.Diagnostics;
using Stevedore.Contract;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// Contents that fit into one buffer: checked in memory, staged under a temporary name and published a batch at a time, under one lease. Who lost the lease
/// meanwhile does no harm: what it gives a name is a file of its own, whole and verified, and the same as its successor's.
/// </summary>
internal sealed class SmallFiles(
    LeaseStore leases,
    BlobShelf shelf,
    Backoff backoff,
    RangeReader reader,
    ConcurrentDictionary<string, string> digests,
    FetchMeter meter,
    CancellationToken stop)
{
    /// <summary>Fetches and publishes a batch; what somebody else published meanwhile is left alone.</summary>
    /// <returns>Null when all of it is there; who fetches it where that is somebody else.</returns>
    public TakenLease? Fetch(SmallBatch batch)
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
        try
        {
            shelf.Refresh(batch.Items);
            BlobShelf.Prepare(batch.Items);
            FetchMissing(batch.Items);
            return null;
        }
        finally
        {
            leases.Abandon(lease);
        }
    }

    private void FetchMissing(IReadOnlyList<TransferItem> items)
    {
        var staged = new List<(TransferItem, string)>();
        try
        {
            foreach (var item in items)
            {
                if (!BlobShelf.HoldsAndCounts(item, meter))
                    staged.Add((item, Stage(item)));
            }
        }
        finally
        {
            // What is good is published, also where a later one is not.
            shelf.PublishStaged(staged);
            meter.Published(staged.Count);
        }
    }

    private string Stage(TransferItem item)
    {
        var changes = 0;
        for (var failures = 0; ;)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                var content = reader.ReadWhole(item, stop);
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
