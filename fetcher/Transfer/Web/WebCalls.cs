using Stevedore.Fetcher.Sources;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Short questions to a server: what versions, files and sizes it has. Asked again when it is in trouble, as long as the caller has patience.</summary>
internal sealed class WebCalls(WebConnections web, Backoff backoff)
{
    private const int ShortTries = 2;
    private static readonly TimeSpan LongestShortPause = TimeSpan.FromSeconds(1);

    /// <summary>Asks, and reads the answer as part of the same try: a body that breaks off is asked for again.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="patience">How much trouble to sit out.</param>
    /// <param name="read">Judges every status but the transient ones, and reads the body.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="SourceUnavailableException">The last trouble, when patience is over.</exception>
    public async Task<T> AskAsync<T>(
        WebQuestion request, Patience patience, Func<WebAnswer, Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            var (result, trouble) = await TryAsync(request, patience, read, cancellationToken);
            if (trouble is null)
                return result!;

            var pause = backoff.Next(failures, trouble.RetryAfter);
            if (trouble.IsHopeless || IsOver(patience, failures, trouble.RetryAfter))
                throw new SourceUnavailableException(trouble.Sentence(failures), trouble.Inner);
            if (patience == Patience.Short && pause > LongestShortPause)
                pause = LongestShortPause;
            await backoff.WaitAsync(pause, cancellationToken);
        }
    }

    private static bool IsOver(Patience patience, int failures, TimeSpan? retryAfter) => patience == Patience.Short
        ? failures >= ShortTries || retryAfter > LongestShortPause
        : Backoff.IsOver(failures, retryAfter);

    private async Task<(T? Result, Trouble? Trouble)> TryAsync<T>(
        WebQuestion request, Patience patience, Func<WebAnswer, Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        // Impatient callers have something older to serve: what takes them longer than a connection may is trouble too.
        using var limit = new CancellationTokenSource(
            patience == Patience.Short ? web.Settings.ConnectTimeout : Timeout.InfiniteTimeSpan, web.Settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        WebAnswer? answer = null;
        try
        {
            answer = await web.SendAsync(request, either.Token);
            if (RetryHeaders.IsTransient(answer.Status))
                return (default, new Trouble($"{answer.Who} answered HTTP {(int)answer.Status}", RetryHeaders.Read(answer, web.Settings.Time.GetUtcNow())));
            await using var body = new BoundedBody(await answer.Response.Content.ReadAsStreamAsync(either.Token), answer.Who, web.Settings);
            return (await read(answer, body, either.Token), null);
        }
        catch (ConnectionException broken)
        {
            return (default, new Trouble(broken.Message, Inner: broken, IsHopeless: broken.IsHopeless));
        }
        catch (Exception broken) when (ConnectionException.IsOne(broken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var who = answer?.Who ?? WebAddress.Shown(request.Address);
            return (default, new Trouble(ConnectionException.From(who, broken).Message, Inner: broken));
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private sealed record Trouble(string What, TimeSpan? RetryAfter = null, Exception? Inner = null, bool IsHopeless = false)
    {
        public string Sentence(int tries)
        {
            if (IsHopeless)
                return What + ".";
            var often = tries == 1 ? "" : $" ({tries} tries)";
            return RetryAfter is { } wait
                ? $"{What}{often} and asks to come back in {Math.Ceiling(wait.TotalSeconds)} s; try again then."
                : $"{What}{often}; check that it is up and that it can be reached from here.";
        }
    }
}
