using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;
using Stevedore.HubFixture;
using Stevedore.Programs;

namespace Stevedore.Demo.Steps;

/// <summary>Step: a third run, into an empty cache, is killed in the middle of its transfer.</summary>
internal static class KillHalfWay
{
    // Over four connections: slow enough to be caught half-way, quick enough for an audience. No power of two, or all connections would stand at the
    // end of a block just then, and the kill would cost nothing.
    private const long BytesPerSecond = 5_000_000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>What the Hub had served when the run was dead.</returns>
    public static async Task<long> RunAsync(Scene scene, InjectedRun container, ModelHub hub, Model model, CancellationToken cancellationToken)
    {
        var step = scene.Begin("A third run, into an empty cache, is killed half-way", "fetch, killed");
        var slow = hub.Server.Faults.Add(Fault.Slow(BytesPerSecond).At(Listener.Cdn).Always());
        var before = hub.Traffic;
        await using var program = container.Start();
        await HalfWayAsync(program, () => (hub.Traffic - before).Bytes, model.Size / 2, cancellationToken);
        program.Kill();
        var end = await program.EndAsync(cancellationToken);
        step.Stop();
        slow.Remove();

        Scene.Require(end.Code == EndedProgram.KilledCode, $"The fetcher was killed and yet ended with exit code {end.Code}.");
        var volumes = container.Volumes.Folder;
        var partial = Directory.EnumerateFiles(volumes, "*", SearchOption.AllDirectories)
            .Where(path => path.Contains("/.stevedore/partial/", StringComparison.Ordinal)).ToList();
        var published = Directory.EnumerateFiles(volumes, "*.safetensors", SearchOption.AllDirectories).Count();
        Scene.Require(partial.Count > 0, "The killed run left no partial file: it was not in the middle of its transfer.");
        Scene.Require(published == 0, "The killed run had published weights already: it was not in the middle of its transfer.");
        var served = await SettledAsync(hub, before, cancellationToken);
        scene.Stage.Facts(
            ("the Hub", $"slowed down to {BytesPerSecond / 1e6:0} MB/s a connection, so that there is a middle to kill in"),
            ("SIGKILL", $"when {Bytes.Text(served)} of {Bytes.Text(model.Size)} were served; exit code {end.Code}"),
            ("left behind", $"{partial.Count} files in .stevedore/partial, no weights in any snapshot"));
        step.Close("SIGKILL half-way, nothing published", fetched: null, served);
        return served;
    }

    private static async Task HalfWayAsync(ChildProgram program, Func<long> served, long half, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (served() < half)
            {
                Scene.Require(!program.HasEnded, $"The third run ended before it was half-way; it said: {string.Join(' ', program.Errors)}");
                await Task.Delay(Look, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProgramException($"The third run was not half-way after {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>A server learns only by writing that its client is gone; until its count stands still it may rise.</summary>
    private static async Task<long> SettledAsync(ModelHub hub, Traffic before, CancellationToken cancellationToken)
    {
        for (var last = -1L; ;)
        {
            var now = (hub.Traffic - before).Bytes;
            if (now == last)
                return now;
            last = now;
            await Task.Delay(50, cancellationToken);
        }
    }
}
