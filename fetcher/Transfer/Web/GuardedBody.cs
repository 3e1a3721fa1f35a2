using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>
/// A body that is read by one blocking thread: it ends only where the answer promised, never runs past that, and lets go of its thread when it
/// stalls or the run is cancelled.
/// </summary>
internal sealed class GuardedBody : ForwardStream
{
    private readonly WebAnswer _answer;
    private readonly Stream _inner;
    private readonly TimeProvider _time;
    private readonly TimeSpan _stall;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly ITimer _watch;
    private readonly ContentAnswer _content;
    private long _given;
    private long _waitingSince;
    private volatile bool _stalled;
    private volatile bool _aborted;

    /// <summary>Takes the answer over.</summary>
    /// <param name="answer">Its headers are there.</param>
    /// <param name="content">What it promises; what follows that is not read.</param>
    /// <param name="settings">How long a silence may be.</param>
    /// <param name="cancellationToken">Ends every read.</param>
    public GuardedBody(WebAnswer answer, ContentAnswer content, WebSettings settings, CancellationToken cancellationToken)
    {
        _answer = answer;
        _inner = answer.Response.Content.ReadAsStream(cancellationToken);
        _content = content;
        _time = settings.Time;
        _stall = settings.StallTimeout;
        _cancellationToken = cancellationToken;
        _watch = _time.CreateTimer(static state => ((GuardedBody)state!).Look(), this, _stall, Timeout.InfiniteTimeSpan);
        _cancellation = cancellationToken.UnsafeRegister(static state => ((GuardedBody)state!).Abort(), this);
    }

    /// <inheritdoc/>
    /// <exception cref="TransferException">It stalled, broke, or ended before what was promised.</exception>
    public override int Read(Span<byte> buffer)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        if (_given == _content.Promised)
            return _content.Missing == 0 ? 0 : throw LeftOut();

        var wanted = buffer[..(int)Math.Min(buffer.Length, _content.Promised - _given)];
        var read = ReadInner(wanted);
        if (read == 0 && wanted.Length > 0)
            throw Broken($"ended its answer {_content.Promised - _given} bytes too early");
        _given += read;
        if (_given == _content.Promised && _content.TellsNoLength && read > 0)
            RequireEnd();
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _watch.Dispose();
            _cancellation.Dispose();
            if (!_aborted)
                _answer.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A file that has grown is another one, and where no header says so, its next byte does.</summary>
    private void RequireEnd()
    {
        Span<byte> next = stackalloc byte[1];
        if (ReadInner(next) > 0)
            throw new TransferException(TransferFault.Changed, $"{_answer.Who} has more than the {_content.Promised} bytes that the file had.");
    }

    private int ReadInner(Span<byte> wanted)
    {
        Interlocked.Exchange(ref _waitingSince, Math.Max(1, _time.GetTimestamp()));
        int read;
        try
        {
            read = _inner.Read(wanted);
        }
        catch (Exception broken) when (_aborted || ConnectionException.IsOne(broken))
        {
            throw Explained(broken);
        }
        finally
        {
            Interlocked.Exchange(ref _waitingSince, 0);
        }

        // Closing a body makes the stack read its rest away on another thread: what this read got at the same time may have a hole in it.
        return _aborted ? throw Explained(null) : read;
    }

    private TransferException Explained(Exception? broken)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        return _stalled
            ? new TransferException(TransferFault.Transient, $"{_answer.Who} sent nothing for {_stall.TotalSeconds:0.#} s.", inner: broken) { Cause = RetryCause.Stalled }
            : new TransferException(TransferFault.Transient, ConnectionException.From(_answer.Who, broken!).Message + ".", inner: broken);
    }

    private TransferException LeftOut() => new(
        TransferFault.Transient, $"{_answer.Who} left out the last {_content.Missing} bytes of the range that it was asked for.", retryAfter: TimeSpan.Zero);

    private TransferException Broken(string what) => new(TransferFault.Transient, $"{_answer.Who} {what}.");

    /// <summary>Looks how long the reader has been waiting; the time that it spends elsewhere, at the disk, is not the source's.</summary>
    private void Look()
    {
        var since = Interlocked.Read(ref _waitingSince);
        var silence = since == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since);
        if (silence >= _stall)
        {
            _stalled = true;
            Abort();
            return;
        }

        try
        {
            _watch.Change(_stall - silence, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The body was closed in this very moment.
        }
    }

    private void Abort()
    {
        // In this order: a reader that comes back must already see that it was cut.
        _aborted = true;
        try
        {
            _answer.Dispose();
        }
        catch (Exception broken) when (broken is InvalidOperationException or IOException or NullReferenceException)
        {
            // The stack does not promise that a body may be closed beside a read; the connection is thrown away in any case.
        }
    }
}
