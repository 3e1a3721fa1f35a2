namespace Stevedore.Contract.CommandLine;

/// <summary>The names of the options of <c>fetch</c>.</summary>
public static class FetchOptions
{
    /// <summary><see cref="FetchCommand.Cache"/>.</summary>
    public const string Cache = "--cache";

    /// <summary><see cref="FetchCommand.CacheSeenAs"/>.</summary>
    public const string CacheSeenAs = "--cache-seen-as";

    /// <summary><see cref="FetchCommand.View"/>.</summary>
    public const string View = "--view";

    /// <summary><see cref="FetchCommand.Aliases"/>.</summary>
    public const string As = "--as";

    /// <summary><see cref="FetchCommand.Include"/>.</summary>
    public const string Include = "--include";

    /// <summary><see cref="FetchCommand.Exclude"/>.</summary>
    public const string Exclude = "--exclude";

    /// <summary><see cref="FetchCommand.Mirrors"/>.</summary>
    public const string Mirror = "--mirror";

    /// <summary><see cref="FetchCommand.Refresh"/>.</summary>
    public const string Refresh = "--refresh";

    /// <summary><see cref="FetchCommand.RequirePresent"/>.</summary>
    public const string RequirePresent = "--require-present";

    /// <summary><see cref="FetchCommand.Wait"/>.</summary>
    public const string Wait = "--wait";

    /// <summary><see cref="FetchCommand.Verification"/>.</summary>
    public const string Verification = "--verification";

    /// <summary><see cref="FetchCommand.Mark"/>.</summary>
    public const string Mark = "--mark";

    /// <summary><see cref="FetchCommand.Connections"/>.</summary>
    public const string Connections = "--connections";

    /// <summary><see cref="FetchCommand.Memory"/>.</summary>
    public const string Memory = "--memory";

    /// <summary><see cref="FetchCommand.LeaseTtl"/>.</summary>
    public const string LeaseTtl = "--lease-ttl";

    /// <summary><see cref="FetchCommand.S3Endpoint"/>.</summary>
    public const string S3Endpoint = "--s3-endpoint";

    /// <summary><see cref="FetchCommand.S3Region"/>.</summary>
    public const string S3Region = "--s3-region";

    /// <summary><see cref="FetchCommand.S3Addressing"/>.</summary>
    public const string S3Addressing = "--s3-addressing";

    /// <summary><see cref="FetchCommand.S3Anonymous"/>.</summary>
    public const string S3Anonymous = "--s3-anonymous";

    /// <summary><see cref="FetchCommand.CaBundle"/>.</summary>
    public const string CaBundle = "--ca-bundle";

    /// <summary><see cref="FetchCommand.Progress"/>.</summary>
    public const string Progress = "--progress";
}
