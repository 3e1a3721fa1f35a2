using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Commands;

/// <summary>How a run ends: the code, and the sentence for whoever looks at the pod.</summary>
/// <param name="Code">What the process exits with.</param>
/// <param name="Sentence">What failed, for which model, and what to do about it; null when all is well.</param>
internal sealed record Ending(ExitCode Code, string? Sentence)
{
    /// <summary>Where Kubernetes reads why a container ended.</summary>
    public const string TerminationLog = "/dev/termination-log";

    // Kubernetes keeps 4096 bytes of it.
    private const int LongestTerminationMessage = 4096;

    /// <summary>All is well.</summary>
    public static Ending Well { get; } = new(ExitCode.Done, null);

    /// <summary>The ending that an exception means.</summary>
    /// <param name="error">What broke.</param>
    /// <param name="what">What was being done, such as <c>fetch of hf://owner/model</c>.</param>
    public static Ending For(Exception error, string what) => error switch
    {
        FetchException failure => new Ending(failure.Code, failure.Message),
        AggregateException { InnerException: { } inner } => For(inner, what),
        IOException or UnauthorizedAccessException => new Ending(ExitCode.CannotWrite, DiskSentence(error, what)),
        _ => new Ending(
            ExitCode.Internal,
            $"The {what} broke in a way that nobody foresaw ({error.GetType().Name}: {error.Message}); please report it, with the output of STEVEDORE_DEBUG=1."),
    };

    /// <summary>The ending that a signal means.</summary>
    /// <param name="signal">130 or 143.</param>
    /// <param name="meter">How far the run came.</param>
    /// <param name="what">What was being done, such as <c>fetch of hf://owner/model</c>.</param>
    public static Ending For(ExitCode signal, FetchMeter meter, string what) => new(
        signal,
        $"The {what} was stopped by {(signal == ExitCode.Interrupted ? "SIGINT" : "SIGTERM")}"
        + (meter.BytesWanted == 0 ? "; start it again." : $"; the next start goes on from {meter.BytesPresent} of {meter.BytesWanted} bytes."));

    /// <summary>Leaves the sentence where Kubernetes finds it; where the file is not there nobody looks for it.</summary>
    /// <param name="path">Usually <see cref="TerminationLog"/>.</param>
    /// <param name="scrubber">The last gate.</param>
    public void Leave(string path, Scrubber scrubber)
    {
        if (Sentence is null || !File.Exists(path))
            return;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            if (file.CanSeek)
                file.SetLength(0);
            file.Write(Shortened(Encoding.UTF8.GetBytes(scrubber.Clean(Sentence))));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The same sentence is the last line on stderr.
        }
    }

    private static ReadOnlySpan<byte> Shortened(byte[] text)
    {
        if (text.Length <= LongestTerminationMessage)
            return text;
        var length = LongestTerminationMessage;
        while ((text[length] & 0xC0) == 0x80) // the middle of a character
            length--;
        return text.AsSpan(0, length);
    }

    // The framework gives errno as the HResult of what it does not know better.
    private static string DiskSentence(Exception error, string what) => (error.HResult & 0xffff) switch
    {
        28 or 112 => $"The {what} failed, since the volume is full ({error.Message}); what has arrived is kept, so give it more room and start again.",
        122 => $"The {what} failed, since the quota of the volume is used up ({error.Message}); raise it or free some of it, and start again.",
        30 => $"The {what} failed, since the volume is read-only ({error.Message}); mount it writable for the fetcher.",
        _ when error is UnauthorizedAccessException =>
            $"The {what} failed, since uid {Libc.EffectiveUserId} may not write there ({error.Message}); let the fetcher's user own the volume, or set fsGroup.",
        _ => $"The {what} failed, since the volume refuses ({error.Message}); look at its state, and start again.",
    };
}
