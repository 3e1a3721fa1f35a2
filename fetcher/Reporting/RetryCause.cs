namespace Stevedore.Fetcher.Reporting;

/// <summary>Why a try was made again.</summary>
internal enum RetryCause
{
    /// <summary>No connection, a reset, an answer that broke off or made no sense.</summary>
    Broken,

    /// <summary>Nothing came for too long.</summary>
    Stalled,

    /// <summary>The source asked for less: 429, or 503.</summary>
    Throttled,

    /// <summary>The source was in trouble: 408, and 5xx but 503.</summary>
    ServerError,

    /// <summary>The file was another one than before.</summary>
    Changed,
}
