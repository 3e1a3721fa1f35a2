using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stevedore.Fetcher.Publishing;

/// <summary>What a name in a folder stands for.</summary>
internal enum EntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, wherever it leads.</summary>
    Link,

    /// <summary>A pipe, a socket or a device: nothing that belongs into a cache.</summary>
    Other,
}

/// <summary>What the kernel says of a name, without following it.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Names">How many names the file has; 1 where the filesystem does not count them.</param>
/// <param name="Device">With <paramref name="Inode"/>: which file it is.</param>
/// <param name="Inode">See <paramref name="Device"/>.</param>
/// <param name="ModifiedAt">When it was written or touched last, by the clock of whoever keeps the filesystem.</param>
/// <param name="Mode">Who may do what with it.</param>
internal readonly record struct Entry(EntryKind Kind, long Bytes, uint Names, ulong Device, ulong Inode, DateTimeOffset ModifiedAt, UnixFileMode Mode);

/// <summary>Names that are looked at, opened and changed without following a symbolic link.</summary>
internal static partial class Libc
{
    private const int HereIfRelative = -100;
    private const int OpenReadWrite = 2;
    private const int OpenNonBlocking = 0x800;
    private const int NotToFollow = 0x100;
    private const int RemoveFolderFlag = 0x200;
    private const int TheHandleItself = 0x1000;
    private const int AskTheServer = 0x2000;
    private const uint BasicFacts = 0x7ff;

    // Two of the few flags whose numbers differ between architectures (asm-generic and arm against each other: include/uapi/asm-generic/fcntl.h).
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int OpenDirectory = IsArm ? 0x4000 : 0x10000;
    private static readonly int OpenNoFollow = IsArm ? 0x8000 : 0x20000;

    /// <summary>Looks at a name, past what a network filesystem's client remembers of it; null where there is none.</summary>
    public static Entry? Look(string path) => Look(HereIfRelative, path, NotToFollow | AskTheServer);

    /// <summary>Looks at a name as this machine remembers it: cheap, and on a network filesystem up to a minute late.</summary>
    public static Entry? LookCheaply(string path) => Look(HereIfRelative, path, NotToFollow);

    /// <summary>Looks at a name in an open folder.</summary>
    public static Entry? Look(SafeFileHandle folder, string name) => Look((int)folder.DangerousGetHandle(), name, NotToFollow | AskTheServer);

    /// <summary>Looks at a name in an open folder as this machine remembers it.</summary>
    public static Entry? LookCheaply(SafeFileHandle folder, string name) => Look((int)folder.DangerousGetHandle(), name, NotToFollow);

    /// <summary>Looks at an open file.</summary>
    public static Entry? Look(SafeFileHandle file) => Look((int)file.DangerousGetHandle(), "", TheHandleItself);

    /// <summary>Opens a regular file that lies there itself; null for a link, a pipe, a device, a folder, and where there is nothing or no permission.</summary>
    public static SafeFileHandle? OpenPlain(string path, bool writable = false)
    {
        // Without "non-blocking" a pipe would hold the caller until somebody writes to it.
        var fd = open(path, (writable ? OpenReadWrite : OpenReadOnly) | OpenNoFollow | OpenNonBlocking | OpenCloseOnExec);
        if (fd < 0)
            return null;
        var file = new SafeFileHandle(fd, ownsHandle: true);
        if (Look(file) is { Kind: EntryKind.File })
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>Opens a folder by a path that a person chose; links in it are theirs. Null where there is none.</summary>
    public static SafeFileHandle? OpenFolder(string path) => Wrap(open(path, OpenReadOnly | OpenDirectory | OpenCloseOnExec));

    /// <summary>Opens a folder in an open folder; null where there is none, or a link in its place.</summary>
    public static SafeFileHandle? OpenFolder(SafeFileHandle parent, string name) =>
        Wrap(openat(parent, name, OpenReadOnly | OpenDirectory | OpenNoFollow | OpenCloseOnExec));

    /// <summary>Moves a name from one open folder to another, over what may be there; the error's number, 0 for none.</summary>
    public static int Move(SafeFileHandle from, string name, SafeFileHandle to, string newName) =>
        renameat(from, name, to, newName) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Removes a name, or an empty folder, from an open folder; the error's number, 0 for none.</summary>
    public static int Remove(SafeFileHandle folder, string name, bool isFolder) =>
        unlinkat(folder, name, isFolder ? RemoveFolderFlag : 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Sets a file's times to now, by the clock of whoever keeps the filesystem; the error's number, 0 for none.</summary>
    public static int Touch(string path) => utimensat(HereIfRelative, path, 0, NotToFollow) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Error numbers that callers tell apart.</summary>
    public static bool IsMissing(int error) => error is 2 or 20 or 116; // ENOENT, ENOTDIR, ESTALE

    private static SafeFileHandle? Wrap(int fd) => fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);

    private static unsafe Entry? Look(int folder, string name, int flags)
    {
        // struct statx is the same on every architecture: 256 bytes, see statx(2).
        var facts = stackalloc byte[256];
        if (statx(folder, name, flags, BasicFacts, facts) != 0)
            return null;
        var mode = *(ushort*)(facts + 28);
        var kind = (mode & 0xf000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Folder,
            0xa000 => EntryKind.Link,
            _ => EntryKind.Other,
        };
        var device = ((ulong)*(uint*)(facts + 136) << 32) | *(uint*)(facts + 140);
        return new Entry(kind, *(long*)(facts + 40), *(uint*)(facts + 16), device, *(ulong*)(facts + 32), TimeOf(*(long*)(facts + 112), *(uint*)(facts + 120)), (UnixFileMode)(mode & 0xfff));
    }

    // A filesystem may hold times that no DateTimeOffset can.
    private static DateTimeOffset TimeOf(long seconds, uint nanoseconds) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1))
            .AddTicks(nanoseconds / 100);

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // The names are libc's own.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* facts);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat(SafeFileHandle from, string name, SafeFileHandle to, string newName);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlinkat(SafeFileHandle folder, string name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int utimensat(int folder, string path, nint times, int flags);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
