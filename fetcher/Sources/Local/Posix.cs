using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Stevedore.Fetcher.Sources.Local;

/// <summary>What .NET does not tell of a path: where it really leads, and whether it is an ordinary file (opening a FIFO would hang).</summary>
internal static partial class Posix
{
    private const int LongestPath = 4096;
    private const int RegularFile = 0x8000;
    private const int Directory = 0x4000;
    private const int TypeMask = 0xF000;

    /// <summary>What lies at a path, links followed; null where there is nothing, or links lead nowhere or in a circle.</summary>
    /// <exception cref="UnauthorizedAccessException">A folder on the way may not be entered.</exception>
    /// <exception cref="IOException">The filesystem failed.</exception>
    public static unsafe FileFacts? Look(string path)
    {
        var real = stackalloc byte[LongestPath];
        if (RealPath(path, real) == null)
            return Failed(path, Marshal.GetLastPInvokeError());

        // struct statx is the same on every architecture, unlike struct stat (linux/stat.h).
        const int size = 256, currentFolder = -100, follow = 0, typeSizeAndMTime = 0x1 | 0x200 | 0x40;
        var facts = stackalloc byte[size];
        if (Statx(currentFolder, real, follow, typeSizeAndMTime, facts) != 0)
            return Failed(path, Marshal.GetLastPInvokeError());

        var bytes = new ReadOnlySpan<byte>(facts, size);
        var type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & TypeMask;
        return new FileFacts(
            Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(real)),
            type == RegularFile ? FileKind.Regular : type == Directory ? FileKind.Directory : FileKind.Other,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            $"{BinaryPrimitives.ReadInt64LittleEndian(bytes[112..])}.{BinaryPrimitives.ReadUInt32LittleEndian(bytes[120..]):D9}");
    }

    private static FileFacts? Failed(string path, int error)
    {
        const int noEntry = 2, notPermitted = 1, noAccess = 13, notADirectory = 20, tooManyLinks = 40;
        return error switch
        {
            noEntry or notADirectory or tooManyLinks => null,
            notPermitted or noAccess => throw new UnauthorizedAccessException(path),
            _ => throw new IOException(Marshal.GetPInvokeErrorMessage(error)),
        };
    }

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial byte* RealPath(string path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* facts);
}

/// <summary>What a path leads to.</summary>
/// <param name="RealPath">Without links.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Seconds and nanoseconds since 1970; compared, never calculated with.</param>
internal sealed record FileFacts(string RealPath, FileKind Kind, long Size, string Modified);

/// <summary>Kinds of things on a filesystem.</summary>
internal enum FileKind
{
    /// <summary>A file that can be read from any place in it.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A FIFO, a socket, a device: never opened.</summary>
    Other,
}
