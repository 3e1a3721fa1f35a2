using System.Runtime.InteropServices;

namespace Stevedore.Bench.Measure.Tls;

/// <summary>What is called of OpenSSL 3: the library that <see cref="System.Net.Security.SslStream"/> itself decrypts with, without what .NET puts around it.</summary>
internal static partial class OpenSsl
{
    // openssl/ssl.h and openssl/bio.h, 3.0.
    public const int VerifyPeer = 1;
    public const int SetReadAhead = 41;
    public const int SetLeastVersion = 123;
    public const int GetKernelReceives = 76;
    public const int Tls13 = 0x0304;
    public const int ErrorZeroReturn = 6;
    public const ulong EnableKernelTls = 1UL << 3;

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";
    private const int LongestMessage = 256;

    /// <summary>What this thread's last call did not like.</summary>
    public static unsafe string LastError()
    {
        Span<byte> text = stackalloc byte[LongestMessage];
        fixed (byte* start = text)
            ErrorText(LastErrorCode(), start, (nuint)text.Length);
        return System.Text.Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);
    }

    [LibraryImport(Ssl, EntryPoint = "TLS_client_method")]
    public static partial nint ClientMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial nint NewContext(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint Control(nint context, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong SetOptions(nint context, ulong options);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_default_read_buffer_len")]
    public static partial void SetReadBuffer(nint context, nuint length);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void SetVerify(nint context, int mode, nint callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_load_verify_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Trust(nint context, string file);

    [LibraryImport(Ssl, EntryPoint = "SSL_new")]
    public static partial nint NewSession(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_free")]
    public static partial void FreeSession(nint session);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_fd")]
    public static partial int SetSocket(nint session, int descriptor);

    [LibraryImport(Ssl, EntryPoint = "SSL_set1_host", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetHost(nint session, string nameOrAddress);

    [LibraryImport(Ssl, EntryPoint = "SSL_connect")]
    public static partial int Connect(nint session);

    [LibraryImport(Ssl, EntryPoint = "SSL_read")]
    public static unsafe partial int Read(nint session, byte* buffer, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_write")]
    public static unsafe partial int Write(nint session, byte* buffer, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_error")]
    public static partial int Error(nint session, int answer);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_current_cipher")]
    public static partial nint CurrentCipher(nint session);

    [LibraryImport(Ssl, EntryPoint = "SSL_CIPHER_get_name")]
    public static partial nint NameOfCipher(nint cipher);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_rbio")]
    public static partial nint Source(nint session);

    [LibraryImport(Crypto, EntryPoint = "BIO_ctrl")]
    public static partial nint ControlSource(nint source, int command, nint number, nint pointer);

    [LibraryImport(Crypto, EntryPoint = "ERR_get_error")]
    private static partial ulong LastErrorCode();

    [LibraryImport(Crypto, EntryPoint = "ERR_error_string_n")]
    private static unsafe partial void ErrorText(ulong code, byte* text, nuint length);
}
