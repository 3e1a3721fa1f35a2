namespace Stevedore.LoadClient;

/// <summary>What can be wrong with an answer.</summary>
internal enum Failure
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The status is not 200.</summary>
    Status,

    /// <summary>It carries another review's uid.</summary>
    Uid,

    /// <summary>The pod is denied.</summary>
    Denied,

    /// <summary>The connection broke, or what came was no answer.</summary>
    Connection,
}
