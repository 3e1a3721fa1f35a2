namespace Stevedore.Bench.Peers;

/// <summary>How the set is served.</summary>
internal enum Source
{
    /// <summary>A folder over http.</summary>
    Http,

    /// <summary>The same over TLS.</summary>
    Https,

    /// <summary>A bucket, over http: a list that never changes, and the same files.</summary>
    S3,
}

/// <summary>What a source is called.</summary>
internal static class SourceNames
{
    extension(Source source)
    {
        /// <summary>As people write it.</summary>
        public string Shown => source == Source.S3 ? "S3" : source.ToString().ToLowerInvariant();
    }
}
