using System.Net;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Fetcher.Transfer.Web.Trust;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>How this run talks to web servers.</summary>
internal sealed record WebSettings
{
    /// <summary>PEM files of certificate authorities that are trusted besides the system's; none by default.</summary>
    public IReadOnlyList<string> CaBundles { get; init; } = [];

    /// <summary>The authorities that they stand beside; asked where there are bundles, when the first certificate is to be checked.</summary>
    public Func<X509Certificate2Collection> SystemAuthorities { get; init; } = ServerTrust.OfThisMachine;

    /// <summary>Until a connection stands, its TLS handshake included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the request to the answer's headers. More than <see cref="StallTimeout"/>: a store may have to fetch a cold file first.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two reads of a body; there is no limit on the whole, since files are of any size.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Who stands between; asked when the first connection is wanted, so that a warm start minds no wrong variable. Nobody by default.</summary>
    public Func<IWebProxy> Proxy { get; init; } = () => EnvironmentProxy.None;

    /// <summary>What the timeouts are measured with.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What the command line, <c>SSL_CERT_FILE</c> and the variables of <see cref="EnvironmentProxy"/> say; <c>SSL_CERT_DIR</c> is the platform's own.</summary>
    /// <param name="caBundle">The value of <c>--ca-bundle</c>.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static WebSettings From(string? caBundle, Func<string, string?> environment) => new()
    {
        CaBundles = [.. new[] { caBundle, environment("SSL_CERT_FILE") }.OfType<string>().Where(path => path.Length > 0)],
        Proxy = () => EnvironmentProxy.From(environment),
    };
}
