namespace Stevedore.Contract;

/// <summary>How a run of the fetcher ended; the numbers are those of BSD's <c>sysexits.h</c>, so that schedulers and people can act on them.</summary>
public enum ExitCode
{
    /// <summary>Done: everything asked for is published and verified.</summary>
    Done = 0,

    /// <summary>The command line is wrong, or asks for what this version can't do.</summary>
    Usage = 64,

    /// <summary>The source sent content that does not match its digest or size, or that changed while it was fetched.</summary>
    WrongContent = 65,

    /// <summary>No such model, revision or file.</summary>
    NotFound = 66,

    /// <summary>The source can't be reached, or kept failing until the tries were used up.</summary>
    Unavailable = 69,

    /// <summary>The program itself is at fault; never a source's or a volume's doing.</summary>
    Internal = 70,

    /// <summary>The cache can't be written: no space, read-only, or not permitted.</summary>
    CannotWrite = 73,

    /// <summary>Gave up waiting for another fetcher.</summary>
    GaveUpWaiting = 75,

    /// <summary>The source refused: gated, private or forbidden.</summary>
    NoPermission = 77,

    /// <summary>Stopped by SIGINT.</summary>
    Interrupted = 130,

    /// <summary>Stopped by SIGTERM, as Kubernetes stops a container.</summary>
    Terminated = 143,
}
