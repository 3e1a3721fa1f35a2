namespace Stevedore.HubFixture;

/// <summary>
/// One request and what was answered. It enters the log when the request arrives and its numbers grow while the answer is sent, so that
/// whoever has received a byte finds it counted.
/// </summary>
public sealed class Exchange
{
    private long _bytesSent;
    private int _status;
    private int _isContent;

    internal Exchange(Listener listener, string method, string path, string? range, bool hasAuthorization)
    {
        Listener = listener;
        Method = method;
        Path = path;
        Range = range;
        HasAuthorization = hasAuthorization;
    }

    /// <summary>Which server was asked.</summary>
    public Listener Listener { get; }

    /// <summary>The HTTP method, in capitals.</summary>
    public string Method { get; }

    /// <summary>The path of the URL, percent-decoded and without the query (which may hold a signature).</summary>
    public string Path { get; }

    /// <summary>
    /// The path inside the repository or folder of the file that was asked for; also for the CDN's opaque addresses. Null for anything but
    /// a file.
    /// </summary>
    public string? File { get; internal set; }

    /// <summary>The <c>Range</c> header as it came, or null.</summary>
    public string? Range { get; }

    /// <summary>Whether the request carried an <c>Authorization</c> header.</summary>
    public bool HasAuthorization { get; }

    /// <summary>The status that was answered; 0 while there is none, and where the connection was reset instead.</summary>
    public int Status => Volatile.Read(ref _status);

    /// <summary>
    /// How many bytes of the body were handed to the socket, without headers and TLS. Where a client goes away in the middle, the piece
    /// that was being written counts whole: at most 256 KiB too many.
    /// </summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Whether the body was a file's content, as against a listing, a redirect or an error.</summary>
    public bool IsContent => Volatile.Read(ref _isContent) == 1;

    /// <inheritdoc/>
    public override string ToString() => $"{Listener} {Method} {File ?? Path} {Range ?? "whole"} → {Status}, {BytesSent} bytes";

    internal void Begin(int status, bool isContent)
    {
        Volatile.Write(ref _isContent, isContent ? 1 : 0);
        Volatile.Write(ref _status, status);
    }

    internal void Count(long bytes) => Interlocked.Add(ref _bytesSent, bytes);
}
