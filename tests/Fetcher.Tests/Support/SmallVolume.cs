using System.ComponentModel;
using System.Diagnostics;

namespace Stevedore.Fetcher.Tests.Support;

/// <summary>A filesystem of the test's own that can be filled to its last block; mounted in a folder of the test's, and gone with this object.</summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private bool _isMounted;

    private SmallVolume()
    {
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where it is mounted.</summary>
    public string Path => _folder["volume"];

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>An ext2 in a file, which reserves nothing: each write may be the one for which there is no room. Skips the test where this user may not mount, or there is no mkfs.</summary>
    public static SmallVolume OnDisk(int mebibytes)
    {
        var volume = new SmallVolume();
        var image = volume._folder["image"];
        using (var file = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, (long)mebibytes << 20);
        volume.Require("mkfs.ext2", "-q", "-F", "-b", "4096", "-m", "0", image);
        volume.Mount("-o", "loop", image);
        return volume;
    }

    /// <summary>A tmpfs, where nothing is reserved either.</summary>
    public static SmallVolume InMemory(int mebibytes)
    {
        var volume = new SmallVolume();
        volume.Mount("-t", "tmpfs", "-o", $"size={mebibytes}m", "test");
        return volume;
    }

    /// <summary>One in memory, with room for a few names.</summary>
    public static SmallVolume OfNames(int names)
    {
        var volume = new SmallVolume();
        volume.Mount("-t", "tmpfs", "-o", $"size=1m,nr_inodes={names}", "test");
        return volume;
    }

    /// <summary>Allows more names.</summary>
    public void AllowNames(int names) => Require("mount", "-o", $"remount,nr_inodes={names}", Path);

    /// <summary>Takes every block that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        foreach (var bytes in new[] { new byte[1 << 20], new byte[1024] })
        {
            try
            {
                while (true)
                    file.Write(bytes);
            }
            catch (IOException)
            {
                // Full, to this measure.
            }
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void MakeRoom() => File.Delete(Filler);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isMounted && Run("umount", [Path]) is not null)
            _ = Run("umount", ["--lazy", Path]);
        _folder.Dispose();
    }

    private void Mount(params string[] source)
    {
        Require("mount", [.. source, Path]);
        _isMounted = true;
    }

    private void Require(string program, params string[] arguments)
    {
        if (Run(program, arguments) is not { } complaint)
            return;
        Dispose();
        Assert.Skip($"A small filesystem of the test's own takes a root that may mount, and mkfs ({complaint}).");
    }

    /// <summary>What a program complains of; null where all went well.</summary>
    private static string? Run(string program, IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program}: {errors.Trim()}";
        }
        catch (Win32Exception missing)
        {
            return $"{program}: {missing.Message}";
        }
    }
}
