using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Stevedore.Contract;

namespace Stevedore.Webhook.Serving;

/// <summary>Where to listen: <c>https://0.0.0.0:8443</c>, <c>http://localhost:8080</c>, <c>https://[::]:8443</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Address">The address; null is <c>localhost</c>, which is both loopback addresses.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
internal sealed record ListenUrl(string Scheme, IPAddress? Address, int Port)
{
    /// <summary>Reads an URL of the scheme that the listener speaks.</summary>
    public static Parsed<ListenUrl> Parse(string text, string scheme)
    {
        var wrong = Parsed<ListenUrl>.Wrong($"\"{text}\" is not a place to listen at; write one such as {scheme}://0.0.0.0:8443 or {scheme}://localhost:8443.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != scheme || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
            return wrong;
        if (url.Host == "localhost")
            return url.Port == 0 ? wrong : new ListenUrl(scheme, null, url.Port);
        return IPAddress.TryParse(url.Host, out var address) ? new ListenUrl(scheme, address, url.Port) : wrong;
    }

    /// <summary>As it is written.</summary>
    public override string ToString() =>
        $"{Scheme}://{Address switch { null => "localhost", { AddressFamily: AddressFamily.InterNetworkV6 } => $"[{Address}]", _ => Address }}:{Port}";

    /// <summary>Has Kestrel listen here.</summary>
    public void Listen(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        if (Address is null)
            kestrel.ListenLocalhost(Port, configure);
        else
            kestrel.Listen(Address, Port, configure);
    }
}
