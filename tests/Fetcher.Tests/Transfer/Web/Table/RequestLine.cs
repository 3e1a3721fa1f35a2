using System.Text;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>The requests of one connection, one after the other; those that were sent ahead wait in it.</summary>
internal sealed class RequestLine(Stream stream)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);
    private readonly byte[] _chunk = new byte[64 << 10];
    private string _unread = "";

    /// <summary>The head of the next request; null where there are no more.</summary>
    public async Task<string?> NextAsync(CancellationToken stop)
    {
        int end;
        while ((end = _unread.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            var read = await stream.ReadAsync(_chunk, stop);
            if (read == 0)
                return null;
            _unread += Encoding.ASCII.GetString(_chunk, 0, read);
        }

        var head = _unread[..(end + 4)];
        _unread = _unread[(end + 4)..];
        return head;
    }

    /// <summary>Whether more than the requests that were given out has been read.</summary>
    public bool HasBegun => _unread.Length > 0;

    /// <summary>Waits until another request has begun to arrive; false where the client says nothing more.</summary>
    public async Task<bool> HasNextAsync(CancellationToken stop)
    {
        if (_unread.Length > 0)
            return true;
        var read = await stream.ReadAsync(_chunk, stop);
        _unread += Encoding.ASCII.GetString(_chunk, 0, read);
        return read > 0;
    }

    /// <summary>Throws away what was sent ahead, as servers do that look at one request at a time.</summary>
    public async Task ForgetAsync(CancellationToken stop)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(stop);
        moment.CancelAfter(Moment);
        try
        {
            while (await stream.ReadAsync(_chunk, moment.Token) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Nothing more was on its way.
        }

        _unread = "";
    }
}
