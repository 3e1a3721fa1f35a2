using System.Collections.Concurrent;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>One thread of the engine: does one job after the other, and retries what may be retried.</summary>
internal sealed class TransferWorker(
    CacheLayout cache,
    LeaseStore leases,
    BlobShelf shelf,
    StagedContents waiting,
    Backoff backoff,
    TransferQueue queue,
    RangeReader reader,
    ConcurrentDictionary<string, string> digests,
    EngineSettings settings,
    FetchMeter meter,
    TimeProvider time,
    CancellationToken stop)
{
    private readonly SmallFiles _small = new(leases, shelf, waiting, backoff, reader, digests, meter, stop);

    /// <summary>Does a job to its end.</summary>
    public void Do(TransferJob job)
    {
        try
        {
            switch (job)
            {
                case TransferJob.Open open:
                    Open(open.Item);
                    break;
                case TransferJob.Fetch fetch:
                    Fetch(fetch.Blob, fetch.Claim);
                    break;
                case TransferJob.FetchSmall small:
                    if (_small.Fetch(small.Batch, () => !queue.HasSmall) is { } taken)
                        queue.TakenBy(TakenWork.Of(small.Batch, taken));
                    break;
            }
        }
        finally
        {
            queue.Done();
        }
    }

    private void Open(TransferItem item)
    {
        if (BlobShelf.HoldsAndCounts(item, meter))
            return;
        var answer = leases.TryTake(item.Key);
        if (answer.Lease is not { } lease)
        {
            queue.TakenBy(TakenWork.Of(item, answer.Taken));
            return;
        }

        // Whoever had it may have published it between the look and the lease.
        shelf.Refresh([item]);
        if (BlobShelf.HoldsAndCounts(item, meter))
        {
            leases.Clear(item.Key);
            return;
        }

        var blob = new BlobDownload(item, lease, OpenPartial(item, lease), settings, meter, time);
        var wasWhole = blob.IsWhole;
        queue.Opened(blob);
        // Nobody else can claim a block of it, and so nobody else finishes it.
        if (wasWhole)
            Finish(blob);
    }

    private PartialBlob OpenPartial(TransferItem item, BlobLease lease)
    {
        try
        {
            var partial = PartialBlob.Open(cache, lease, item);
            leases.ClearGone(lease);
            return partial;
        }
        catch
        {
            leases.Release(lease);
            throw;
        }
    }

    private void Fetch(BlobDownload blob, Claim claim)
    {
        var last = false;
        var goesOn = false;
        try
        {
            reader.Read(blob, claim, stop);
            goesOn = true;
        }
        catch (TransferException error) when (error.Fault is TransferFault.Changed or TransferFault.NothingThere)
        {
            meter.Retry(error.Cause);
            RestartOrThrow(blob, error);
            goesOn = true;
        }
        catch (TransferException error)
        {
            // Before the blocks are given back: the other threads must not rush at a source that asked for a pause.
            var failures = Failures.CountOrThrow(blob.Item, error, meter, () => blob.CountFailure(time.GetTimestamp()));
            if (failures is { } inARow)
                blob.PauseUntil(time.GetTimestamp() + Ticks(backoff.Next(inARow, error.RetryAfter)));
            goesOn = true;
        }
        finally
        {
            // The run ends with this: no other thread may ask the source again in the moment until it notices.
            if (!goesOn)
                blob.Close();
            last = blob.Release(claim);
            queue.Reopened();
        }

        if (last)
            Finish(blob);
    }

    private long Ticks(TimeSpan pause) => (long)(pause.TotalSeconds * time.TimestampFrequency);

    private static void RestartOrThrow(BlobDownload blob, TransferException error)
    {
        if (!blob.TryRestart())
        {
            throw new FetchException(
                ExitCode.WrongContent,
                $"{blob.Item.Name} changed at its source twice while it was fetched ({error.Message}); fetch again when its publisher is done.",
                error);
        }
    }

    private void Finish(BlobDownload blob)
    {
        var item = blob.Item;
        var computed = blob.FinishHash(reader.Scratch, stop);
        if (item.Digest is { } expected && expected.Hex != computed)
        {
            if (blob.TryRestartWithoutInheritance())
            {
                queue.Closed(blob);
                queue.Opened(blob);
                return;
            }

            queue.Closed(blob);
            blob.Dispose();
            leases.Abandon(blob.Lease);
            throw Failures.WrongDigest(item, computed);
        }

        if (item.Digest is null)
            digests[item.Key] = computed;
        var published = shelf.TryPublish(blob);
        blob.Dispose();
        queue.Closed(blob);
        if (published)
        {
            meter.Published(1);
            return;
        }

        // A successor has its own file; this one is of no use to anybody.
        leases.Abandon(blob.Lease);
        meter.Present(-item.Size);
        queue.TakenBy(TakenWork.Of(item, null));
    }
}
