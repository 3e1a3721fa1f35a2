using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Fetching;

/// <summary>One fetch of a scripted source into a cache, as the program runs it.</summary>
internal static class FlowRun
{
    public static Task<IReadOnlyList<string>> Of(ScriptedSource source, string cache, Func<FetchCommand, FetchCommand>? change = null) =>
        Of(source, cache, new ListLog(), change);

    public static async Task<IReadOnlyList<string>> Of(ScriptedSource source, string cache, ListLog log, Func<FetchCommand, FetchCommand>? change = null)
    {
        var command = new FetchCommand([source.Reference], cache);
        command = change?.Invoke(command) ?? command;
        var meter = new FetchMeter();
        var engine = new TransferEngine(
            new CacheLayout(command.Cache), new EngineSettings(4, null, null), new Backoff(Random.Shared, TimeProvider.System), meter, TimeProvider.System);
        return await new FetchFlow(command, _ => source, engine, log, meter, TimeProvider.System).RunAsync(CancellationToken.None);
    }
}
