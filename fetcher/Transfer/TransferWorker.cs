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
    Backoff backoff,
    TransferQueue queue,
    RangeReader reader,
    ConcurrentDictionary<string, string> digests,
    FetchMeter meter,
    TimeProvider time,
    CancellationToken stop)
{
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
                    FetchSmall(small.Items);
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
        if (IsPublishedBySomebodyElse(item))
            return;
        var answer = leases.TryTake(item.Key);
        if (answer.Lease is not { } lease)
        {
            queue.TakenBy(item, answer.Owner);
            return;
        }

        // Whoever had it may have published it between the look and the lease.
        if (IsPublishedBySomebodyElse(item))
        {
            leases.Clear(item.Key);
            return;
        }

        var blob = new BlobDownload(item, lease, PartialBlob.Open(cache, lease, item), meter, time);
        leases.ClearGone(lease);
        if (blob.IsWhole)
            Finish(blob);
        else
            queue.Opened(blob);
    }

    private bool IsPublishedBySomebodyElse(TransferItem item)
    {
        if (!BlobShelf.Holds(item))
            return false;
        meter.Present(item.Size);
        meter.Published(1);
        return true;
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
            meter.Retry();
            RestartOrThrow(blob, error);
            goesOn = true;
        }
        catch (TransferException error)
        {
            // Before the blocks are given back: the other threads must not rush at a source that asked for a pause.
            var failures = CountOrThrow(blob.Item, error, () => blob.CountFailure(time.GetTimestamp()));
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
        var computed = blob.FinishHash(reader.Buffer, stop);
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
            throw WrongDigest(item, computed);
        }

        if (item.Digest is null)
            digests[item.Key] = computed;
        var published = shelf.TryPublish(blob);
        blob.Dispose();
        queue.Closed(blob);
        if (published)
            meter.Published(1);
        else
            queue.TakenBy(item, null);
    }

    private void FetchSmall(IReadOnlyList<TransferItem> items)
    {
        var staged = new List<(TransferItem, string)>();
        try
        {
            foreach (var item in items)
            {
                if (!IsPublishedBySomebodyElse(item))
                    staged.Add((item, StageSmall(item)));
            }
        }
        finally
        {
            // What is good is published, also where a later one is not.
            shelf.PublishStaged(staged);
            meter.Published(staged.Count);
        }

    }

    private string StageSmall(TransferItem item)
    {
        var changes = 0;
        for (var failures = 0; ;)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                var content = reader.ReadWhole(item, stop);
                var computed = ContentHasher.OfWhole(item.Digest, content);
                if (item.Digest is { } expected && expected.Hex != computed)
                    throw WrongDigest(item, computed);
                if (item.Digest is null)
                    digests[item.Key] = computed;
                meter.Verified(content.Length);
                meter.Present(content.Length);
                return shelf.Stage(item, content);
            }
            catch (TransferException error) when (error.Fault is TransferFault.Changed or TransferFault.NothingThere)
            {
                if (changes++ > 0)
                {
                    throw new FetchException(
                        ExitCode.WrongContent, $"{item.Name} is not what its source listed ({error.Message}); fetch again when its publisher is done.", error);
                }
            }
            catch (TransferException error)
            {
                failures++;
                CountOrThrow(item, error, () => failures);
                backoff.Wait(backoff.Next(failures, error.RetryAfter), stop);
            }
        }
    }

    /// <summary>Counts a failed try; the run ends where there were too many in a row, or where the source refuses for good.</summary>
    /// <returns>How many failed in a row; null where this one belongs to a burst that was counted already.</returns>
    private int? CountOrThrow(TransferItem item, TransferException error, Func<int?> count)
    {
        if (error.Final is { } final)
            throw final;
        meter.Retry();
        var failures = count();
        if (Backoff.IsOver(failures ?? 0, error.RetryAfter))
        {
            throw new SourceUnavailableException(
                $"{item.Name} could not be fetched: {error.Message.TrimEnd('.')}, {failures ?? 1} times in a row; what has arrived is kept, so start again when the source is well.",
                error);
        }

        return failures;
    }

    private static FetchException WrongDigest(TransferItem item, string computed) => new(
        ExitCode.WrongContent,
        $"{item.Name} is not what its source promised: expected {item.Digest}, got {computed}; nothing of it was published. "
        + "Fetch again, and if it stays so, tell the publisher.");
}
