using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>What went wrong on the wire, named by what to do about it.</summary>
internal enum TransferFault
{
    /// <summary>Reset, stall, 408, 429, 5xx, a short body: try again after a pause.</summary>
    Transient,

    /// <summary>The file is another one than before (412, another ETag or total): start it once again.</summary>
    Changed,

    /// <summary>The source says that there is nothing behind the asked start (416).</summary>
    NothingThere,

    /// <summary>The source refuses for good (401, 403, 404): the sentence is final.</summary>
    Final,
}

/// <summary>One failed try to read a range.</summary>
/// <param name="fault">What to do about it.</param>
/// <param name="message">A sentence without a signed URL.</param>
/// <param name="retryAfter">How long the source asked to wait; null where it did not.</param>
/// <param name="final">For <see cref="TransferFault.Final"/>: how the run ends.</param>
/// <param name="inner">What broke underneath.</param>
internal sealed class TransferException(
    TransferFault fault, string message, TimeSpan? retryAfter = null, FetchException? final = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What to do about it.</summary>
    public TransferFault Fault => fault;

    /// <summary>What it is counted as.</summary>
    public RetryCause Cause { get; init; } = fault is TransferFault.Changed or TransferFault.NothingThere ? RetryCause.Changed : RetryCause.Broken;

    /// <summary>How long the source asked to wait.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>How the run ends when the fault is final.</summary>
    public FetchException? Final => final;
}
