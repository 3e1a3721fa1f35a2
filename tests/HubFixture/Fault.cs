using System.IO.Enumeration;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture;

/// <summary>
/// One way to misbehave, and when. Made by what it does, then narrowed:
/// <c>Fault.Truncate(1000).On("*.safetensors").At(Listener.Cdn).After(1).Times(2)</c>. Without narrowing it strikes the first request that
/// it can strike, once.
/// </summary>
/// <remarks>
/// Faults of the body strike only requests that are answered with a file's content. Numbers of bytes are of the one answer's body, not of
/// the file, unless said otherwise. Several faults may strike one request and then act together.
/// </remarks>
public sealed record Fault
{
    private readonly string _name;
    private readonly Func<Distortion, ActiveFault, Distortion> _effect;
    private string _glob = "*";
    private Listener? _listener;
    private Func<Exchange, bool> _where = _ => true;

    private Fault(string name, Func<Distortion, ActiveFault, Distortion> effect)
    {
        _name = name;
        _effect = effect;
    }

    internal int Skipped { get; private init; }

    internal int Limit { get; private init; } = 1;

    /// <summary>Whether it changes a body and so leaves requests alone that get none.</summary>
    internal bool NeedsContent { get; private init; }

    /// <summary>An offset in the whole content that the request must ask for.</summary>
    internal long? MustCover { get; private init; }

    /// <summary>Whether it acts only in the middle of the body, so that <see cref="ActiveFault.Struck"/> must wait for that.</summary>
    internal bool StrikesLater { get; private init; }

    /// <summary>
    /// The body ends after so many bytes, in an orderly way: all of them arrive, then the connection closes although more was announced.
    /// </summary>
    public static Fault Truncate(long afterBytes) =>
        Body(nameof(Truncate), (d, _) => d with { CutAfter = afterBytes, CutIsReset = false });

    /// <summary>The connection is reset before any answer.</summary>
    public static Fault Reset() => new(nameof(Reset), (d, _) => d with { ResetBeforeHeaders = true });

    /// <summary>The connection is reset when so many bytes of the body were sent; the client may have received fewer.</summary>
    public static Fault ResetAfter(long bytes) => Body(nameof(ResetAfter), (d, _) => d with { CutAfter = bytes, CutIsReset = true });

    /// <summary>
    /// The body stops after so many bytes and the connection stays open: for a time, or until <see cref="ActiveFault.Release"/> or the
    /// client hangs up.
    /// </summary>
    public static Fault Stall(long afterBytes, TimeSpan? duration = null)
    {
        var stall = Body(nameof(Stall), (d, active) => d with { StallAfter = afterBytes, Stall = gone => active.HoldAsync(duration, gone) });
        return stall with { StrikesLater = true };
    }

    /// <summary>No more than so many bytes a second on each connection.</summary>
    public static Fault Slow(long bytesPerSecond) => Body(nameof(Slow), (d, _) => d with { BytesPerSecond = bytesPerSecond });

    /// <summary>429 as the Hub says it: <c>RateLimit: "resolvers";r=0;t=SECONDS</c> beside its <c>RateLimit-Policy</c>.</summary>
    public static Fault RateLimited(int seconds) => Answering(
        nameof(RateLimited),
        429,
        [new("RateLimit", $"\"resolvers\";r=0;t={seconds}"), new("RateLimit-Policy", "\"fixed window\";\"resolvers\";q=3000;w=300")]);

    /// <summary>
    /// Any status without a body worth reading (429, 503, 500, 408, 412, 416, 403, …), with <c>Retry-After</c> in seconds where it is
    /// given.
    /// </summary>
    public static Fault Status(int status, int? retryAfter = null) =>
        Answering($"{nameof(Status)} {status}", status, retryAfter is { } seconds ? [new("Retry-After", $"{seconds}")] : []);

    /// <summary>
    /// From the struck request on, that one included, the CDN refuses with 403 the addresses given out before; asking the Hub again gives
    /// good ones.
    /// </summary>
    public static Fault ExpireUrls() => new(nameof(ExpireUrls), (d, _) => d with { ExpireUrls = true });

    /// <summary>One bit of one byte is wrong. Strikes only requests that cover the offset in the whole content.</summary>
    public static Fault FlipByte(long offset) =>
        Body(nameof(FlipByte), (d, _) => d with { Flipped = d.Flipped.Add(offset) }) with { MustCover = offset };

    /// <summary>Another ETag for the same bytes.</summary>
    /// <param name="honourPreconditions">Whether If-Match and If-Range are held against the new ETag (412, 200), or ignored (206).</param>
    public static Fault ChangeETag(bool honourPreconditions = true) =>
        Body(nameof(ChangeETag), (d, _) => d with { ETagSuffix = "-changed", IgnorePreconditions = !honourPreconditions });

    /// <summary>Another file of the same length under the same address, with an ETag of its own.</summary>
    /// <param name="honourPreconditions">As with <see cref="ChangeETag"/>.</param>
    public static Fault ChangeContent(bool honourPreconditions = true) =>
        Body(nameof(ChangeContent), (d, _) => d with { Mask = 0x5a, ETagSuffix = "-changed", IgnorePreconditions = !honourPreconditions });

    /// <summary>The total in <c>Content-Range</c> is off by so many bytes.</summary>
    public static Fault WrongTotal(long difference) => Body(nameof(WrongTotal), (d, _) => d with { TotalShift = difference });

    /// <summary>The start and end in <c>Content-Range</c> are off by so many bytes; the body is what was asked for.</summary>
    public static Fault WrongStart(long difference) => Body(nameof(WrongStart), (d, _) => d with { StartShift = difference });

    /// <summary>200 with the whole content to a request for a part.</summary>
    public static Fault IgnoreRange() => Body(nameof(IgnoreRange), (d, _) => d with { IgnoreRange = true });

    /// <summary>The whole content gzipped and chunked, although nobody said that they could read it.</summary>
    public static Fault Gzip() => Body(nameof(Gzip), (d, _) => d with { GzipAnyway = true });

    /// <summary>
    /// Strikes only where the glob (<c>*</c>, <c>?</c>) matches the whole path of the file inside its repository, or the whole path of the
    /// URL.
    /// </summary>
    public Fault On(string glob) => this with { _glob = glob };

    /// <summary>Strikes only one listener's requests.</summary>
    public Fault At(Listener listener) => this with { _listener = listener };

    /// <summary>Strikes only the requests that the predicate accepts.</summary>
    public Fault Where(Func<Exchange, bool> predicate) => this with { _where = predicate };

    /// <summary>Lets so many requests pass that it could have struck.</summary>
    public Fault After(int requests) => this with { Skipped = requests };

    /// <summary>Strikes so many requests instead of one.</summary>
    public Fault Times(int requests) => this with { Limit = requests };

    /// <summary>Strikes until it is removed.</summary>
    public Fault Always() => Times(int.MaxValue);

    /// <inheritdoc/>
    public override string ToString() => $"{_name} on {_glob}";

    internal bool Concerns(Exchange exchange, long? contentLength) =>
        (_listener ?? exchange.Listener) == exchange.Listener
        && (!NeedsContent || contentLength is not null)
        && (Matches(exchange.File) || Matches(exchange.Path))
        && (MustCover is not { } offset || Covers(exchange, contentLength ?? 0, offset))
        && _where(exchange);

    internal Distortion ApplyTo(Distortion distortion, ActiveFault active) => _effect(distortion, active);

    private static Fault Body(string name, Func<Distortion, ActiveFault, Distortion> effect) => new(name, effect) { NeedsContent = true };

    private static Fault Answering(string name, int status, KeyValuePair<string, string>[] headers) =>
        new(name, (d, _) => d with { Instead = ShortAnswer.Text(status, "The fixture was told to answer so.") with { Headers = headers } });

    private static bool Covers(Exchange exchange, long length, long offset) =>
        RequestedRange.Parse(exchange.Range, length) is { } range
            ? offset >= range.Start && offset - range.Start < range.Count
            : offset < length;

    private bool Matches(string? path) => path is not null && FileSystemName.MatchesSimpleExpression(_glob, path, ignoreCase: false);
}
