using Stevedore.Contract;

namespace Stevedore.Fetcher;

/// <summary>A run that can't go on: why, for which model, and what to do about it, in one sentence for a person.</summary>
/// <param name="code">What the process exits with.</param>
/// <param name="message">The sentence; never with a signed URL, a token or userinfo.</param>
/// <param name="inner">What broke underneath, for the debugger only: it is not printed.</param>
internal class FetchException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the process exits with.</summary>
    public ExitCode Code => code;
}

/// <summary>The source is down, rate-limited or out of reach: what is published already may serve instead.</summary>
/// <param name="message">Says which source, what it answered, and when to try again where that is known.</param>
/// <param name="inner">What broke underneath.</param>
internal sealed class SourceUnavailableException(string message, Exception? inner = null)
    : FetchException(ExitCode.Unavailable, message, inner);
