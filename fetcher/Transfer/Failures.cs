using Stevedore.Contract;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>When a failed try ends the run, and with which sentence; the same for large and small contents.</summary>
internal static class Failures
{
    /// <summary>Counts a failed try; the run ends where there were too many in a row, or where the source refuses for good.</summary>
    /// <returns>How many failed in a row; null where this one belongs to a burst that was counted already.</returns>
    public static int? CountOrThrow(TransferItem item, TransferException error, FetchMeter meter, Func<int?> count)
    {
        if (error.Final is { } final)
            throw final;
        meter.Retry(error.Cause);
        var failures = count();
        if (Backoff.IsOver(failures ?? 0, error.RetryAfter))
        {
            throw new SourceUnavailableException(
                $"{item.Name} could not be fetched: {error.Message.TrimEnd('.')}, {failures ?? 1} times in a row; what has arrived is kept, so start again when the source is well.",
                error);
        }

        return failures;
    }

    /// <summary>The source sent something else than it promised.</summary>
    public static FetchException WrongDigest(TransferItem item, string computed) => new(
        ExitCode.WrongContent,
        $"{item.Name} is not what its source promised: expected {item.Digest}, got {computed}; nothing of it was published. "
        + "Fetch again, and if it stays so, tell the publisher.");
}
