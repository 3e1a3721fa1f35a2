using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Serving;

/// <summary>Registers the two listeners.</summary>
internal static class ListenerFeature
{
    /// <summary>Reviews and health over TLS; metrics in the clear on a port of their own.</summary>
    public static void AddListeners(this IWebHostBuilder host, ServeSettings settings, ServingCertificate certificate)
    {
        host.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // What is over the webhook's own limit is still taken in for a while, so that its sender reads the 413 and no broken pipe.
            kestrel.Limits.MaxRequestBodySize = ReviewBody.Limit * 5;
            settings.Listen.Listen(kestrel, listener =>
            {
                listener.Protocols = HttpProtocols.Http1AndHttp2;
                listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Tls) });
            });
            settings.Metrics.Listen(kestrel, listener => listener.Protocols = HttpProtocols.Http1);
        });
    }
}
