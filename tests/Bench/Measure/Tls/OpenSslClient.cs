using System.Runtime.InteropServices;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure.Tls;

/// <summary>
/// Shakes hands with OpenSSL straight on a socket: a measuring device, which shows what the fetcher would gain by it. The certificate is checked against one
/// authority and the host, or the comparison would not be one.
/// </summary>
internal sealed class OpenSslClient : IDisposable
{
    // Several records a system call, as ReadAheadStream brings them; what it has beyond 128 KiB was not seen to cost anything.
    private const int ReadBuffer = 256 << 10;

    private readonly nint _context;

    /// <summary>Reads whom to trust.</summary>
    /// <param name="authority">PEM file.</param>
    /// <param name="throughKernel">Whether to ask for records that the kernel decrypts; that it was asked for does not mean that it is so.</param>
    public OpenSslClient(string authority, bool throughKernel)
    {
        _context = OpenSsl.NewContext(OpenSsl.ClientMethod());
        if (_context == 0)
            throw Failure("SSL_CTX_new");
        OpenSsl.SetVerify(_context, OpenSsl.VerifyPeer, callback: 0);
        OpenSsl.Control(_context, OpenSsl.SetLeastVersion, OpenSsl.Tls13, pointer: 0);
        OpenSsl.Control(_context, OpenSsl.SetReadAhead, number: 1, pointer: 0);
        OpenSsl.SetReadBuffer(_context, ReadBuffer);
        if (throughKernel)
            OpenSsl.SetOptions(_context, OpenSsl.EnableKernelTls);
        if (OpenSsl.Trust(_context, authority) != 1)
            throw Failure($"SSL_CTX_load_verify_file({authority})");
    }

    /// <summary>A stream over a connected, blocking socket, which stays the caller's.</summary>
    /// <exception cref="ProgramException">The server is not who it should be, or the handshake broke.</exception>
    public OpenSslStream Shake(SafeHandle socket, string host)
    {
        var session = OpenSsl.NewSession(_context);
        if (session == 0)
            throw Failure("SSL_new");
        var stream = new OpenSslStream(session);
        if (OpenSsl.SetHost(session, host) == 1 && OpenSsl.SetSocket(session, (int)socket.DangerousGetHandle()) == 1 && OpenSsl.Connect(session) == 1)
            return stream;
        var failure = Failure($"The handshake of OpenSSL with {host}");
        stream.Dispose();
        throw failure;
    }

    /// <inheritdoc/>
    public void Dispose() => OpenSsl.FreeContext(_context);

    private static ProgramException Failure(string what) => new($"{what} failed: {OpenSsl.LastError()}.");
}
