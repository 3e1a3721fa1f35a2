namespace Stevedore.Programs;

/// <summary>A folder below the system's temporary one that goes away with everything in it.</summary>
/// <param name="purpose">How its name begins.</param>
public sealed class TemporaryFolder(string purpose) : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory(purpose + "-").FullName;

    /// <summary>The path of something in it, which need not exist.</summary>
    public string Sub(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Removes it. Links in it are removed, not followed.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
