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
