using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stevedore.Fetcher.Publishing;

/// <summary>The system calls that the framework has no method for. Every wrapper says what it does where the call is missing.</summary>
internal static partial class Libc
{
    private const int OpenReadOnly = 0;
    private const int OpenWriteOnly = 1;
    private const int OpenCreate = 0x40;
    private const int OpenExclusive = 0x80;
    private const int OpenCloseOnExec = 0x80000;
    private const int Exists = 17;
    private const uint ReadableByAll = 0x1a4;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int Interrupted = 4;
    private const int InputOutputError = 5;
    private const int WouldBlock = 11;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Makes the names in a folder durable; a filesystem that knows no such call is left to its own ways.</summary>
    /// <exception cref="IOException">What was written could not be kept (EIO, ENOSPC, EDQUOT).</exception>
    public static void SyncFolder(string folder) => WithFolder(folder, fsync);

    /// <summary>Makes everything written to the folder's filesystem durable: one call for thousands of small files.</summary>
    /// <exception cref="IOException">As for <see cref="SyncFolder"/>.</exception>
    public static void SyncFilesystem(string folder) => WithFolder(folder, syncfs);

    /// <summary>Gives a file a second name; false where the filesystem has no hard links or the name is taken.</summary>
    public static bool TryLink(string existing, string name) => link(existing, name) == 0;

    /// <summary>Gives a file another name, over whatever bears it; one call, where the framework looks at both names first.</summary>
    public static bool TryRename(string path, string name) => rename(path, name) == 0;

    /// <summary>Writes a small file that must not be there yet, and lets everybody read it; five calls, where the framework takes eight.</summary>
    /// <returns>False where the name is taken.</returns>
    /// <exception cref="IOException">It could not be written as a whole; a network filesystem may say so only when it is closed.</exception>
    public static bool TryWriteAnew(string path, ReadOnlySpan<byte> content)
    {
        var fd = open(path, OpenWriteOnly | OpenCreate | OpenExclusive | OpenCloseOnExec, ReadableByAll);
        if (fd < 0)
            return Marshal.GetLastPInvokeError() == Exists ? false : throw NotWritten(path);
        // Against a narrower umask; filesystems without modes refuse it, and their mount's options rule there.
        _ = fchmod(fd, ReadableByAll);
        var error = 0;
        while (error == 0 && content.Length > 0)
        {
            var written = write(fd, content, (nuint)content.Length);
            if (written >= 0)
                content = content[(int)written..];
            else if (Marshal.GetLastPInvokeError() is not Interrupted and var problem)
                error = problem;
        }

        if (close(fd) != 0 && error == 0)
            error = Marshal.GetLastPInvokeError();
        Marshal.SetLastPInvokeError(error);
        return error is 0 or Interrupted ? true : throw NotWritten(path);
    }

    /// <summary>Takes an exclusive lock without waiting: true taken, false held by another open file, null where locks do not work.</summary>
    public static bool? TryLock(SafeFileHandle file)
    {
        if (flock(file, LockExclusive | LockNonBlocking) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == WouldBlock ? false : null;
    }

    /// <summary>Whether an error says that the volume, or the quota on it, is full.</summary>
    public static bool MeansNoRoom(IOException error) => (error.HResult & 0xffff) is NoSpace or QuotaExceeded;

    /// <summary>The magic number of the filesystem that holds a path, as statfs(2) names it; 0 where it can't be told.</summary>
    public static unsafe long FilesystemKind(string path)
    {
        // struct statfs begins with f_type as a word on every 64-bit Linux; 256 bytes hold the whole of it.
        var buffer = stackalloc long[32];
        return statfs(path, buffer) == 0 ? buffer[0] & 0xffffffff : 0;
    }

    /// <summary>The user that the kernel asks about permissions; a container's often has no name.</summary>
    public static uint EffectiveUserId => geteuid();

    private static IOException NotWritten(string path) =>
        new($"{path} could not be written: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.", Marshal.GetLastPInvokeError());

    private static void WithFolder(string folder, Func<int, int> call)
    {
        var fd = open(folder, OpenReadOnly | OpenDirectory | OpenCloseOnExec);
        if (fd < 0)
            return;
        var error = call(fd) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = close(fd);
        if (error is InputOutputError or NoSpace or QuotaExceeded)
            throw new IOException($"{folder} could not be made durable: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // The names are libc's own.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc")]
    private static partial int fchmod(int fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int fd);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string path, string name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle fd, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statfs(string path, long* buffer);

    [LibraryImport("libc")]
    private static partial uint geteuid();
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
