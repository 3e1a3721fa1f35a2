using System.Security.Cryptography.X509Certificates;

namespace Stevedore.HubFixture;

/// <summary>How a <see cref="PlainFileServer"/> tells what files there are.</summary>
public enum PlainListing
{
    /// <summary>nginx's <c>autoindex_format json</c> for every folder.</summary>
    NginxJson,

    /// <summary><c>SHA256SUMS</c> at the root, made when the folder has none of its own; 404 for folders.</summary>
    Sha256Sums,

    /// <summary>Nothing: 404 for folders, and no <c>SHA256SUMS</c> but the folder's own.</summary>
    Bare,
}

/// <summary>How a <see cref="PlainFileServer"/> is started.</summary>
public sealed record PlainFileOptions
{
    /// <summary>How it tells what files there are.</summary>
    public PlainListing Listing { get; init; }

    /// <summary>Whether parts may be asked for; without, <c>Range</c> is ignored.</summary>
    public bool Ranges { get; init; } = true;

    /// <summary>Requires this user, with <see cref="BasicPassword"/>.</summary>
    public string? BasicUser { get; init; }

    /// <summary>The password of <see cref="BasicUser"/>.</summary>
    public string? BasicPassword { get; init; }

    /// <summary>Requires this bearer token.</summary>
    public string? BearerToken { get; init; }

    /// <summary>The port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Serves https with this certificate, which must be good for 127.0.0.1.</summary>
    public X509Certificate2? Certificate { get; init; }
}
