namespace Stevedore.Programs;

/// <summary>A folder that goes away with everything in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private TemporaryFolder(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes one below the system's temporary folder (<c>TMPDIR</c>).</summary>
    /// <param name="purpose">How its name begins.</param>
    public static TemporaryFolder For(string purpose) => new(Directory.CreateTempSubdirectory(purpose + "-").FullName);

    /// <summary>Makes one below a folder, which has to be there.</summary>
    /// <param name="parent">For a folder on another file system than the system's temporary one.</param>
    /// <param name="purpose">How its name begins.</param>
    /// <exception cref="ProgramException">There is no such folder.</exception>
    public static TemporaryFolder In(string parent, string purpose) => Directory.Exists(parent)
        ? new(Directory.CreateDirectory(System.IO.Path.Combine(parent, $"{purpose}-{System.IO.Path.GetRandomFileName()}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName)
        : throw new ProgramException($"{parent} is not there; name a folder that is.");

    /// <summary>Makes one in this one, which may go away before it.</summary>
    public TemporaryFolder Inner(string name) => new(Directory.CreateDirectory(Sub(name)).FullName);

    /// <summary>The path of something in it, which need not exist.</summary>
    public string Sub(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Removes it. Links in it are removed, not followed.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
