using System.Diagnostics;

namespace Stevedore.Fetcher.Telemetry;

/// <summary>The run's span and its phases; null, and nothing that costs, where nobody listens.</summary>
internal static class FetchTrace
{
    private static readonly ActivitySource Source = new(FetchInstruments.Name);

    /// <summary>Begins the run.</summary>
    /// <param name="parent">What it belongs to; may be nothing.</param>
    public static Activity? Run(ActivityContext parent) => Source.StartActivity("fetch", ActivityKind.Internal, parent);

    /// <summary>Begins a phase of the run, which ends when this is disposed.</summary>
    /// <param name="name">A verb.</param>
    public static Activity? Phase(string name) => Source.StartActivity(name);
}
