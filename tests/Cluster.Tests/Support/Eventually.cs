using System.Diagnostics;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>Waits for what happens in other processes: looks again and again until it has happened, and fails with its name when it does not.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until the condition holds; gives how long that took.</summary>
    public static async Task<TimeSpan> AsyncTrue(Func<Task<bool>> condition, string what, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > patience)
                throw new TimeoutException($"Within {patience.TotalSeconds:0} s it did not come to this: {what}.");
            await Task.Delay(Pause);
        }

        return clock.Elapsed;
    }

    /// <summary>Waits until there is a value.</summary>
    public static async Task<T> AsyncValue<T>(Func<Task<T?>> look, string what, TimeSpan patience)
        where T : class
    {
        T? found = null;
        await AsyncTrue(async () => (found = await look()) is not null, what, patience);
        return found!;
    }
}
