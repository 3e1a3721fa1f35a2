using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Stevedore.HubFixture.Wire;

/// <summary>Ends a connection the way that broken networks and dying servers do, beneath HTTP and TLS.</summary>
internal static class ConnectionEnd
{
    /// <summary>Until when the other side must have read what was sent before an orderly end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Task CutAsync(HttpContext http, bool reset) => reset ? ResetAsync(http) : FinishAsync(http);

    /// <summary>A TCP reset: what has not been delivered yet is lost.</summary>
    public static Task ResetAsync(HttpContext http)
    {
        // A socket that is closed with a linger time of zero resets its connection.
        SocketOf(http).Close(0);
        http.Abort();
        return Task.CompletedTask;
    }

    /// <summary>An ordinary end of the stream in the middle of the body: everything sent so far arrives first.</summary>
    private static async Task FinishAsync(HttpContext http)
    {
        SocketOf(http).Shutdown(SocketShutdown.Send);

        // Kestrel's own abort is a reset, which could overtake the bytes: the client has to go first.
        using var patience = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, http.RequestAborted);
        await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Abort();
    }

    private static Socket SocketOf(HttpContext http) =>
        http.Features.Get<IConnectionSocketFeature>()?.Socket
        ?? throw new InvalidOperationException("Kestrel gave no socket for this connection; the fixture needs its socket transport.");
}
