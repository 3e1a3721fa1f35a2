using Stevedore.Contract.References;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.CommandLine;

/// <summary>One call of <c>stevedore-fetcher fetch</c>: written by the webhook, read by the fetcher.</summary>
/// <param name="References">What to fetch; at least one.</param>
/// <param name="Cache">The cache's root, a directory.</param>
public sealed record FetchCommand(IReadOnlyList<ModelReference> References, string Cache)
{
    /// <summary>The verb.</summary>
    public const string Verb = "fetch";

    /// <summary>How long the meaning of a mutable revision is trusted.</summary>
    public static readonly TimeSpan DefaultRefresh = TimeSpan.FromMinutes(10);

    /// <summary>Connections that are open at once, over all files.</summary>
    public const int DefaultConnections = 8;

    /// <summary>Where the workload mounts the cache, when that is not <see cref="Cache"/>: links in the view lead there.</summary>
    public string? CacheSeenAs { get; init; }

    /// <summary>The pod's view to fill; null for none.</summary>
    public string? View { get; init; }

    /// <summary>What the workload calls a model: a name (for the redirect file), or an absolute directory (for a mount of the view).</summary>
    public IReadOnlyList<ModelAlias> Aliases { get; init; } = [];

    /// <summary>Only files that one of these covers; none means all but the default excludes.</summary>
    public IReadOnlyList<Glob> Include { get; init; } = [];

    /// <summary>No file that one of these covers.</summary>
    public IReadOnlyList<Glob> Exclude { get; init; } = [];

    /// <summary>Where to fetch from instead, by prefix of the reference; see <see cref="MirrorRule.For"/>.</summary>
    public IReadOnlyList<MirrorRule> Mirrors { get; init; } = [];

    /// <summary>How long the meaning of a mutable revision is trusted before the source is asked again; zero asks every time.</summary>
    public TimeSpan Refresh { get; init; } = DefaultRefresh;

    /// <summary>Never touch the network: the model is there, or the run fails.</summary>
    public bool RequirePresent { get; init; }

    /// <summary>How long to wait for other fetchers; null waits as long as they make progress.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>How what is already published is trusted.</summary>
    public Verification Verification { get; init; } = Verification.Size;

    /// <summary>The pod that uses the versions, so that upkeep leaves them alone.</summary>
    public string? Mark { get; init; }

    /// <summary>Connections that may be open at once.</summary>
    public int Connections { get; init; } = DefaultConnections;

    /// <summary>The memory that buffers are sized for; null reads the container's limit.</summary>
    public ByteSize? Memory { get; init; }

    /// <summary>After what silence another fetcher counts as dead; null chooses by the kind of filesystem.</summary>
    public TimeSpan? LeaseTtl { get; init; }

    /// <summary>The S3 endpoint; null takes what <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c> says, else AWS's own.</summary>
    public Uri? S3Endpoint { get; init; }

    /// <summary>The region that S3 requests are signed for; null takes what <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c> or the profile says.</summary>
    public string? S3Region { get; init; }

    /// <summary>Where the bucket's name stands in S3 addresses.</summary>
    public S3Addressing S3Addressing { get; init; } = S3Addressing.Auto;

    /// <summary>Ask S3 without credentials, whatever there are.</summary>
    public bool S3Anonymous { get; init; }

    /// <summary>A PEM file of certificate authorities to trust besides the system's, and of what they revoked.</summary>
    public string? CaBundle { get; init; }

    /// <summary>How progress is shown on stderr.</summary>
    public ProgressStyle Progress { get; init; } = ProgressStyle.Auto;

    /// <summary>The arguments behind the program's name; what equals its default is left out.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments = [Verb, .. References.Select(reference => reference.ToString())];
        Add(FetchOptions.Cache, Cache);
        Add(FetchOptions.CacheSeenAs, CacheSeenAs);
        Add(FetchOptions.View, View);
        foreach (var alias in Aliases)
            Add(FetchOptions.As, alias.ToString());
        foreach (var glob in Include)
            Add(FetchOptions.Include, glob.Text);
        foreach (var glob in Exclude)
            Add(FetchOptions.Exclude, glob.Text);
        foreach (var mirror in Mirrors)
            Add(FetchOptions.Mirror, mirror.ToString());
        Add(FetchOptions.Refresh, Refresh == DefaultRefresh ? null : GoDuration.Format(Refresh));
        if (RequirePresent)
            arguments.Add(FetchOptions.RequirePresent);
        Add(FetchOptions.Wait, Wait is { } wait ? GoDuration.Format(wait) : null);
        Add(FetchOptions.Verification, Verification == Verification.Size ? null : Lower(Verification));
        Add(FetchOptions.Mark, Mark);
        Add(FetchOptions.Connections, Connections == DefaultConnections ? null : Connections.ToString());
        Add(FetchOptions.Memory, Memory?.ToString());
        Add(FetchOptions.LeaseTtl, LeaseTtl is { } ttl ? GoDuration.Format(ttl) : null);
        Add(FetchOptions.S3Endpoint, S3Endpoint?.OriginalString);
        Add(FetchOptions.S3Region, S3Region);
        Add(FetchOptions.S3Addressing, S3Addressing == S3Addressing.Auto ? null : Lower(S3Addressing));
        if (S3Anonymous)
            arguments.Add(FetchOptions.S3Anonymous);
        Add(FetchOptions.CaBundle, CaBundle);
        Add(FetchOptions.Progress, Progress == ProgressStyle.Auto ? null : Lower(Progress));
        return arguments;

        void Add(string option, string? value)
        {
            if (value is null)
                return;
            // A value that begins with a dash would be taken for an option of its own.
            if (value.StartsWith('-'))
                arguments.Add($"{option}={value}");
            else
                arguments.AddRange([option, value]);
        }
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
