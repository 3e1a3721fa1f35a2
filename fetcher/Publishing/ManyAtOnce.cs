using System.Runtime.ExceptionServices;

namespace Stevedore.Fetcher.Publishing;

/// <summary>
/// Does many short things that wait for a filesystem, several at once. On threads of its own: the pool's grow by one or two a second, which is no help against
/// five thousand waits of five milliseconds.
/// </summary>
internal static class ManyAtOnce
{
    private const int Threads = 16;

    // Fewer are done before the threads have started.
    private const int WorthIt = 64;

    /// <summary>Does them all, or throws what the first failure threw.</summary>
    public static void Do<T>(IReadOnlyList<T> items, Action<T> action)
    {
        if (items.Count < WorthIt)
        {
            foreach (var item in items)
                action(item);
            return;
        }

        var next = -1;
        Exception? failure = null;
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(Work, maxStackSize: 256 << 10) { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);

        void Work()
        {
            while (Volatile.Read(ref failure) is null && Interlocked.Increment(ref next) is var index && index < items.Count)
            {
                try
                {
                    action(items[index]);
                }
                catch (Exception error)
                {
                    Interlocked.CompareExchange(ref failure, error, null);
                }
            }
        }
    }
}
