namespace Stevedore.Smoke.Tests.Support;

/// <summary>The published program: what users run.</summary>
internal static class Fetcher
{
    // Lazy throws what was thrown; a type's initializer would wrap it.
    private static readonly Lazy<string> Found = new(Find);

    /// <summary><c>STEVEDORE_FETCHER</c>, else <c>artifacts/stevedore-fetcher</c> of the repository that these tests were built in.</summary>
    /// <exception cref="InvalidOperationException">It was not published yet.</exception>
    public static string Path => Found.Value;

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("STEVEDORE_FETCHER") is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new InvalidOperationException($"STEVEDORE_FETCHER names {named}, which is not there: name a fetcher, or unset it.");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "artifacts", "stevedore-fetcher");
            if (File.Exists(candidate))
                return candidate;
        }

        throw new InvalidOperationException("There is no artifacts/stevedore-fetcher to try: run make fetcher first.");
    }
}
