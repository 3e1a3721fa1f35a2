using System.Collections.Concurrent;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer.Pace;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// The engine: one blocking thread a connection, each with one pinned buffer of a block. Blocking threads cost less here than asynchronous reads, and the
/// memory of a run is their buffers. The calling thread sets the pace: it looks at what the streams bring, and starts more of them where that pays.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="settings">Connections, waiting, leases.</param>
/// <param name="backoff">The pauses between tries.</param>
/// <param name="meter">Counts.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class TransferEngine(CacheLayout cache, EngineSettings settings, Backoff backoff, FetchMeter meter, TimeProvider time)
    : ITransferEngine
{
    /// <summary>How often another fetcher's lease is looked at: a part of this is what the last of many waits for nothing.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>The same where each look asks a server.</summary>
    private static readonly TimeSpan LookAgainOverANetwork = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public ConcurrentDictionary<string, string> Run(IReadOnlyList<TransferItem> items, CancellationToken cancellationToken)
    {
        var local = FilesystemKind.IsLocal(cache.Root);
        using var heartbeat = Heartbeat.Start(cache, settings.LeaseTtl ?? FilesystemKind.DefaultLeaseTtl(local), time);
        var watch = new OwnerWatch(cache, heartbeat, local, time);
        var leases = new LeaseStore(cache, heartbeat, watch);
        var shelf = new BlobShelf(cache, leases, heartbeat.Id);
        Leftovers.Sweep(cache, watch, heartbeat.Id);
        var queue = new TransferQueue(
            items.Where(item => item.Size > BlockMap.BlockSize).OrderByDescending(item => item.Size),
            items.Where(item => item.Size <= BlockMap.BlockSize).GroupBy(item => item.Batch ?? item.Key).Select(batch => new SmallBatch(batch.Key, [.. batch])),
            local ? LookAgain : LookAgainOverANetwork,
            settings.Wait,
            new OthersWork(cache, watch).Describe,
            meter,
            time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, heartbeat.Lost);
        var digests = new ConcurrentDictionary<string, string>();
        Exception? failure = null;

        var streams = new LiveStreams(time);
        var pace = new PaceMaker(settings.Connections, settings.Cores, streams, meter, time);
        var waiting = new StagedContents(shelf, leases, () => pace.Streams, meter, time);
        var threads = new List<Thread>();
        do
        {
            queue.Limit = pace.Streams;
            while (threads.Count < pace.Streams)
                threads.Add(Start(threads.Count));
            pace.Look(queue.IsUsedUp);
            Try(waiting.PublishOld);
        }
        while (!threads[0].Join(PaceMaker.Interval));
        threads.ForEach(thread => thread.Join());

        Try(waiting.Publish);
        foreach (var blob in queue.LeftOpen)
        {
            blob.Dispose();
            leases.Release(blob.Lease);
        }

        Leftovers.Sweep(cache, watch, heartbeat.Id);
        cancellationToken.ThrowIfCancellationRequested();
        heartbeat.ThrowIfLost();
        return failure is null ? digests : throw failure;

        void Try(Action publish)
        {
            try
            {
                publish();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Fail(error);
            }
        }

        // The first failure is the run's; the other threads only stop because of it.
        void Fail(Exception error)
        {
            Interlocked.CompareExchange(ref failure, error, null);
            stop.Cancel();
        }

        Thread Start(int index)
        {
            var thread = new Thread(() => Work(index), maxStackSize: 512 << 10) { IsBackground = true, Name = $"transfer {index}" };
            thread.Start();
            return thread;
        }

        void Work(int index)
        {
            var buffer = GC.AllocateUninitializedArray<byte>(BlockMap.BlockSize, pinned: true);
            var worker = new TransferWorker(
                cache, leases, shelf, waiting, backoff, queue, new RangeReader(buffer, streams, meter), digests, settings, meter, time, stop.Token);
            try
            {
                while (queue.Next(prefersSmall: index % 2 == 1 || settings.Connections == 1, stop.Token) is { } job)
                    worker.Do(job);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }
    }
}
