namespace Stevedore.Smoke.Tests.Support;

/// <summary>The published program: what users run.</summary>
internal static class Fetcher
{
    /// <summary><c>STEVEDORE_FETCHER</c>, else <c>artifacts/stevedore-fetcher</c> of the repository that these tests were built in.</summary>
    /// <exception cref="InvalidOperationException">It was not published yet.</exception>
    public static string Path { get; } = Find() ?? throw new InvalidOperationException("There is no artifacts/stevedore-fetcher to try: run make fetcher first.");

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("STEVEDORE_FETCHER") is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "artifacts", "stevedore-fetcher");
            if (File.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
