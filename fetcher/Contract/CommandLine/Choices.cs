namespace Stevedore.Contract.CommandLine;

/// <summary>How what is already published is trusted.</summary>
public enum Verification
{
    /// <summary>It is there and has the right size.</summary>
    Size,

    /// <summary>Its digest is computed again.</summary>
    Full,
}

/// <summary>How progress is shown.</summary>
public enum ProgressStyle
{
    /// <summary>A bar on a terminal, a line every five seconds elsewhere.</summary>
    Auto,

    /// <summary>A bar that redraws itself.</summary>
    Bar,

    /// <summary>A line every five seconds.</summary>
    Plain,

    /// <summary>A JSON object a line, for machines.</summary>
    Json,

    /// <summary>Nothing but warnings and the result.</summary>
    None,
}

/// <summary>Where the bucket's name stands in S3 addresses.</summary>
public enum S3Addressing
{
    /// <summary>In the host's name at AWS, in the path elsewhere.</summary>
    Auto,

    /// <summary>In the path: <c>https://HOST/BUCKET/KEY</c>, as most stores outside AWS want it.</summary>
    Path,

    /// <summary>In the host's name: <c>https://BUCKET.HOST/KEY</c>.</summary>
    Virtual,
}
