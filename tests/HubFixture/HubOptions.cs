using System.Security.Cryptography.X509Certificates;

namespace Stevedore.HubFixture;

/// <summary>How a <see cref="HubServer"/> is started.</summary>
public sealed record HubOptions
{
    /// <summary>The port of the Hub on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The port of the CDN on localhost (IPv4, and IPv6 where the machine has it); 0 takes a free one.</summary>
    public int CdnPort { get; init; }

    /// <summary>Serves https with this certificate on both listeners. It must be good for 127.0.0.1 and localhost.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>How many entries a page of the tree holds. The real Hub's pages hold 1000.</summary>
    public int TreePageSize { get; init; } = 1000;

    /// <summary>How long a signed address is good. The real Hub's last an hour.</summary>
    public TimeSpan SignedUrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Answers for plain files with a relative redirect to <c>/api/resolve-cache/…</c> on the same host, as the real Hub does since 2025,
    /// instead of serving them where they were asked for.
    /// </summary>
    public bool RedirectPlainFiles { get; init; }

    /// <summary>The clock that signed addresses expire by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
