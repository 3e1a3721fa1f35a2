using System.Runtime.InteropServices;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>A filesystem of its own, mounted in the scratch folder and gone with this object. It takes a root that may mount.</summary>
internal sealed partial class MountedVolume : IAsyncDisposable
{
    // _IOR('X', 125, __u32): what xfstests calls godown. Nothing that is not on the disk yet comes there any more, the journal included.
    private const nuint ShutDown = 0x8004587d;
    private const uint WithoutFlush = 2;

    private const string Image = ".img";

    private readonly string[] _source;
    private bool _isMounted;

    private MountedVolume(string path, string[] source)
    {
        Path = path;
        _source = source;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>A filesystem in memory; null where this user may not mount.</summary>
    public static Task<MountedVolume?> InMemoryAsync(string path, long bytes, CancellationToken cancellationToken) =>
        TryMountAsync(new MountedVolume(path, ["-t", "tmpfs", "-o", $"size={bytes}", "chaos"]), cancellationToken);

    /// <summary>An ext4 in a file; null where this user may not mount, or there is no mkfs.</summary>
    public static async Task<MountedVolume?> OnDiskAsync(string path, long bytes, CancellationToken cancellationToken)
    {
        var image = path + Image;
        using (var file = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, bytes);
        if (await RunAsync("mkfs.ext4", ["-q", "-F", image], cancellationToken) is not null)
            return null;
        return await TryMountAsync(new MountedVolume(path, ["-o", "loop", image]), cancellationToken);
    }

    /// <summary>
    /// What is on the disk of a crashed ext4, as the next boot finds it: a copy, since the kernel keeps the crashed one while anybody's namespace still has it mounted.
    /// </summary>
    public async Task<MountedVolume> NextBootAsync(CancellationToken cancellationToken)
    {
        await UnmountAsync();
        var (path, image) = (Path + "-next", Path + "-next.img");
        File.Copy(Path + Image, image);
        var volume = new MountedVolume(path, ["-o", "loop", image]);
        await volume.MountAsync(cancellationToken);
        return volume;
    }

    /// <summary>Mounts it.</summary>
    public async Task MountAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path);
        if (await RunAsync("mount", [.. _source, Path], cancellationToken) is { } complaint)
            throw new ProgramException($"{Path} could not be mounted: {complaint}");
        _isMounted = true;
    }

    /// <summary>Refuses writes from now on.</summary>
    public async Task ForbidWritingAsync(CancellationToken cancellationToken)
    {
        if (await RunAsync("mount", ["-o", "remount,ro", Path], cancellationToken) is { } complaint)
            throw new ProgramException($"{Path} could not be made read-only: {complaint}");
    }

    /// <summary>Loses, as a crash of the machine does, all that is not on the disk; the filesystem answers with errors until it is mounted again.</summary>
    public unsafe void Crash()
    {
        var fd = open(Path, 0);
        var flag = WithoutFlush;
        var result = ioctl(fd, ShutDown, &flag);
        _ = close(fd);
        if (result != 0)
            throw new ProgramException($"{Path} could not be crashed; that takes ext4 and a root.");
    }

    /// <summary>Takes it away; what still uses it keeps it until it ends.</summary>
    public async Task UnmountAsync()
    {
        if (!_isMounted)
            return;
        _isMounted = false;
        if (await RunAsync("umount", [Path], CancellationToken.None) is not null)
            _ = await RunAsync("umount", ["--lazy", Path], CancellationToken.None);
    }

    public async ValueTask DisposeAsync() => await UnmountAsync();

    private static async Task<MountedVolume?> TryMountAsync(MountedVolume volume, CancellationToken cancellationToken)
    {
        try
        {
            await volume.MountAsync(cancellationToken);
            return volume;
        }
        catch (ProgramException)
        {
            return null;
        }
    }

    /// <summary>Runs a program.</summary>
    /// <returns>What it complained of; null where all went well.</returns>
    private static async Task<string?> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using var child = ChildProgram.Start(program, arguments);
            var end = await child.EndAsync(cancellationToken);
            return end.Code == 0 ? null : end.Errors.Count > 0 ? end.Errors[^1] : $"exit code {end.Code}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }

#pragma warning disable IDE1006 // The names are libc's own.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc")]
    private static unsafe partial int ioctl(int fd, nuint request, uint* argument);
#pragma warning restore IDE1006
}
