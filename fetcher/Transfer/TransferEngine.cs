using System.Collections.Concurrent;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// The engine: one blocking thread a connection, each with one pinned buffer of a block. Blocking threads cost less here than asynchronous reads, and the
/// memory of a run is their buffers.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="settings">Connections, waiting, leases.</param>
/// <param name="backoff">The pauses between tries.</param>
/// <param name="meter">Counts.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class TransferEngine(CacheLayout cache, EngineSettings settings, Backoff backoff, FetchMeter meter, TimeProvider time)
    : ITransferEngine
{
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
            settings.Wait,
            new OthersWork(cache, watch).Describe,
            meter,
            time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, heartbeat.Lost);
        var digests = new ConcurrentDictionary<string, string>();
        Exception? failure = null;

        var threads = Enumerable.Range(0, Math.Max(1, settings.Connections))
            .Select(index => new Thread(() => Work(index), maxStackSize: 512 << 10) { IsBackground = true, Name = $"transfer {index}" })
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        foreach (var blob in queue.LeftOpen)
        {
            blob.Dispose();
            leases.Release(blob.Lease);
        }

        Leftovers.Sweep(cache, watch, heartbeat.Id);
        cancellationToken.ThrowIfCancellationRequested();
        heartbeat.ThrowIfLost();
        return failure is null ? digests : throw failure;

        void Work(int index)
        {
            var buffer = GC.AllocateUninitializedArray<byte>(BlockMap.BlockSize, pinned: true);
            var worker = new TransferWorker(
                cache, leases, shelf, backoff, queue, new RangeReader(buffer, meter), digests, meter, time, stop.Token);
            try
            {
                while (queue.Next(prefersSmall: index % 2 == 1, stop.Token) is { } job)
                    worker.Do(job);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (Exception error)
            {
                // The first failure is the run's; the other threads only stop because of it.
                Interlocked.CompareExchange(ref failure, error, null);
                stop.Cancel();
            }
        }
    }
}

/// <summary>What the command line says about transfers.</summary>
/// <param name="Connections">Threads, and so connections, at once.</param>
/// <param name="Wait">How long to wait for other fetchers; null for ever.</param>
/// <param name="LeaseTtl">After what silence another fetcher counts as dead; null chooses by the kind of filesystem.</param>
internal sealed record EngineSettings(int Connections, TimeSpan? Wait, TimeSpan? LeaseTtl)
{
    // A block's buffer, and as much again for what TLS and the stream beneath it hold.
    private const long BytesAConnection = 2L * BlockMap.BlockSize;

    /// <summary>Half of the memory may go to connections; the rest is the runtime's.</summary>
    public static EngineSettings From(FetchCommand command) => new(
        command.Memory is { } memory ? (int)Math.Clamp(memory.Bytes / 2 / BytesAConnection, 1, command.Connections) : command.Connections,
        command.Wait,
        command.LeaseTtl);
}
