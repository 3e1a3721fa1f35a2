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
