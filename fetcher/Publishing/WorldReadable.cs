using Stevedore.Fetcher.Locking;

namespace Stevedore.Fetcher.Publishing;

/// <summary>Makes folders and files that every user can read and only their owner can write, whatever the process's umask says.</summary>
internal static class WorldReadable
{
    private const UnixFileMode Folder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode File =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Makes a folder and its missing parents.</summary>
    public static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            MakeFolder(parent);
        Directory.CreateDirectory(path);
        // Under a group that was given the volume (fsGroup), everything belongs to that group.
        SetMode(path, Folder | (System.IO.File.GetUnixFileMode(path) & UnixFileMode.SetGroup));
    }

    /// <summary>Opens a new file for reading and writing; several handles may be open on it at once.</summary>
    /// <param name="path">Must not exist.</param>
    /// <param name="size">
    /// Its length, for which room is reserved; an <see cref="IOException"/> says when that is not there. A filesystem in memory would make all pages at once, which takes one thread as
    /// long as a quarter of a transfer: there only the length is set.
    /// </param>
    public static Microsoft.Win32.SafeHandles.SafeFileHandle Create(string path, long size = 0)
    {
        var reserved = size > 0 && !FilesystemKind.IsInMemory(Path.GetDirectoryName(path)!) ? size : 0;
        var handle = System.IO.File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, reserved);
        SetMode(handle);
        if (size > 0)
            RandomAccess.SetLength(handle, size);
        return handle;
    }

    /// <summary>Writes a small file so that a reader sees the old content or the new, never a part.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var handle = Create(temporary))
            {
                RandomAccess.Write(handle, content, 0);
                RandomAccess.FlushToDisk(handle);
            }

            Renaming.Over(temporary, path);
        }
        catch
        {
            System.IO.File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a small file unless it has that content already.</summary>
    public static void ReplaceIfOther(string path, ReadOnlySpan<byte> content)
    {
        if (PlainFile.TryRead(path) is not { } there || !there.AsSpan().SequenceEqual(content))
            Replace(path, content);
    }

    /// <summary>Lets everybody read a file that somebody with a narrower umask made; does nothing where it is so, or belongs to somebody else.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">What was seen of it.</param>
    public static void Open(string path, Entry file)
    {
        if ((file.Mode & UnixFileMode.OtherRead) == 0)
            SetMode(path, File);
    }

    private static void SetMode(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        try
        {
            System.IO.File.SetUnixFileMode(handle, File);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
        }
    }

    // Not the owner, or a filesystem without modes (CIFS, some FUSE): the volume's own settings rule there.
    private static void SetMode(string path, UnixFileMode mode)
    {
        try
        {
            System.IO.File.SetUnixFileMode(path, mode);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
        }
    }
}
