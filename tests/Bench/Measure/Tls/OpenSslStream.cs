using System.Runtime.InteropServices;

namespace Stevedore.Bench.Measure.Tls;

/// <summary>What OpenSSL decrypts, from the library's buffer into the reader's: nothing of .NET lies between the two.</summary>
/// <param name="session">Behind its handshake; owned.</param>
internal sealed class OpenSslStream(nint session) : Stream
{
    private nint _session = session;

    /// <summary>IANA's name of what is encrypted with.</summary>
    public string Suite => Marshal.PtrToStringUTF8(OpenSsl.NameOfCipher(OpenSsl.CurrentCipher(_session)))!;

    /// <summary>Whether the kernel decrypts what is read.</summary>
    public bool IsDecryptedByKernel => OpenSsl.ControlSource(OpenSsl.Source(_session), OpenSsl.GetKernelReceives, number: 0, pointer: 0) > 0;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var read = OpenSsl.Read(_session, start, buffer.Length);
            if (read > 0)
                return read;
            var error = OpenSsl.Error(_session, read);
            return error == OpenSsl.ErrorZeroReturn ? 0 : throw new IOException($"SSL_read ended with {error}: {OpenSsl.LastError()}.");
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            // All or nothing, since partial writes are not asked for.
            if (OpenSsl.Write(_session, start, buffer.Length) != buffer.Length)
                throw new IOException($"SSL_write failed: {OpenSsl.LastError()}.");
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _session, 0) is not 0 and var session)
            OpenSsl.FreeSession(session);
        base.Dispose(disposing);
    }
}
