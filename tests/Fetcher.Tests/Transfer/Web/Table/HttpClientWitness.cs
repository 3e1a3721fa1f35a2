using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Notes every connection that .NET's own HTTP client opens in this process: what the fetcher's own connections bring comes over none of those.</summary>
internal sealed class HttpClientWitness : EventListener
{
    private const string Source = "System.Net.Http";
    private const string Opened = "ConnectionEstablished";
    private static readonly ConcurrentDictionary<int, bool> Ports = new();
    private static readonly Lazy<HttpClientWitness> One = new(() => new HttpClientWitness());

    /// <summary>Begins for a port; what another test's server had seen on it before is forgotten, since ports come round.</summary>
    public static void Watch(int port)
    {
        _ = One.Value;
        Ports.TryRemove(port, out _);
    }

    /// <summary>Whether .NET's client has opened a connection to a port.</summary>
    public static bool HasSeen(int port) => Ports.ContainsKey(port);

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
            EnableEvents(eventSource, EventLevel.Informational);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == Opened && eventData.PayloadNames!.IndexOf("port") is >= 0 and var at)
            Ports[Convert.ToInt32(eventData.Payload![at], System.Globalization.CultureInfo.InvariantCulture)] = true;
    }
}
