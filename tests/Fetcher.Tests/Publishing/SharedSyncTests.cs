using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Tests.Publishing;

public sealed class SharedSyncTests
{
    [Fact]
    public async Task Who_comes_while_one_runs_shares_the_next_one()
    {
        using var begun = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var runs = 0;
        var shared = new SharedSync(() =>
        {
            Interlocked.Increment(ref runs);
            begun.Release();
            go.Wait(TimeSpan.FromSeconds(60));
        });
        var stop = TestContext.Current.CancellationToken;

        var first = Start(shared);
        (await begun.WaitAsync(TimeSpan.FromSeconds(60), stop)).Should().BeTrue();
        var others = Enumerable.Range(0, 5).Select(_ => Start(shared)).ToList();
        SpinWait.SpinUntil(() => others.TrueForAll(thread => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin)), TimeSpan.FromSeconds(60))
            .Should().BeTrue("what they wrote may not be covered by the one that runs");
        go.Release(7);
        others.Append(first).Should().OnlyContain(thread => thread.Join(TimeSpan.FromSeconds(60)));

        runs.Should().Be(2);
    }

    [Fact]
    public void One_that_fails_is_its_callers_to_hear_of_and_the_next_runs_again()
    {
        var runs = 0;
        var shared = new SharedSync(() =>
        {
            if (++runs == 1)
                throw new IOException("no room");
        });

        shared.Invoking(it => it.Wait()).Should().Throw<IOException>();
        shared.Wait();

        runs.Should().Be(2);
    }

    private static Thread Start(SharedSync shared)
    {
        var thread = new Thread(shared.Wait) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
