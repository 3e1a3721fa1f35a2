using Amazon.Runtime;
using Stevedore.Fetcher.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web.Trust;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>Lets the SDK's own connections go through the same proxies and trust the same authorities as ours.</summary>
/// <param name="settings">Proxies and authorities.</param>
internal sealed class SdkConnections(WebSettings settings) : HttpClientFactory
{
    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = settings.Proxy(),
        ConnectTimeout = settings.ConnectTimeout,
        SslOptions = new ServerTrust(settings).Options(),
    })
    {
        Timeout = TimeSpan.FromMinutes(15),
    };

    /// <inheritdoc/>
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
