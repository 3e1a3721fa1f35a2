using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Contract.Values;

namespace Stevedore.Fetcher.Manifests;

/// <summary>Which files of a version are wanted, with huggingface_hub's meaning: whatever an include covers and no exclude does.</summary>
/// <param name="Include">Only what one of these covers; empty for everything but <see cref="DefaultExcludes"/>.</param>
/// <param name="Exclude">Nothing that one of these covers; it wins over <paramref name="Include"/>.</param>
internal sealed record FileFilter(IReadOnlyList<Glob> Include, IReadOnlyList<Glob> Exclude)
{
    /// <summary>What a run without <c>--include</c> and <c>--exclude</c> fetches.</summary>
    public static readonly FileFilter Default = new([], []);

    /// <summary>Names what this filter selects.</summary>
    public string Key => FilterKey.Of(Include, Exclude);

    /// <summary>The files that are wanted, in the manifest's order.</summary>
    public IReadOnlyList<ManifestFile> Select(IReadOnlyList<ManifestFile> files) => Select(files, file => file.Path);

    /// <summary>The paths that are wanted, in the given order: for a source that learns a file's size only by asking for it.</summary>
    public IReadOnlyList<string> Select(IReadOnlyList<string> paths) => Select(paths, path => path);

    /// <summary>The filter in words, for a sentence about what it selected.</summary>
    public string Describe()
    {
        var include = Include.Count == 0 ? "" : $"--include {Listed(Include)}";
        var exclude = Exclude.Count == 0 ? "" : $"--exclude {Listed(Exclude)}";
        return (include, exclude) switch
        {
            ("", "") => "the default selection",
            ("", _) => $"the default selection with {exclude}",
            (_, "") => include,
            _ => $"{include} with {exclude}",
        };
    }

    /// <summary>
    /// A warning where the default selection leaves out all the weights that there are, as it does in a repository of GGUF files; null otherwise.
    /// </summary>
    public string? Doubt(IReadOnlyList<string> paths)
    {
        if (Include.Count > 0 || Select(paths).Any(DefaultExcludes.AreWeights))
            return null;
        var left = paths.FirstOrDefault(path => path.EndsWith(".gguf", StringComparison.Ordinal)) ?? paths.FirstOrDefault(DefaultExcludes.IsOtherFramework);
        if (left is null)
            return null;
        var extension = left[left.LastIndexOf('.')..];
        return $"The only weights here are {extension} files, which are left out unless they are asked for; name those you want, and what goes with them, such as "
            + (extension == ".gguf" ? "--include \"*Q4_K_M.gguf\" --include \"*.json\"." : $"--include \"*{extension}\" --include \"*.json\".");
    }

    private List<T> Select<T>(IReadOnlyList<T> files, Func<T, string> pathOf)
    {
        var defaults = Include.Count == 0 ? DefaultExcludes.For(files.Select(pathOf)) : null;
        return [.. files.Where(file => IsWanted(pathOf(file)))];

        bool IsWanted(string path) =>
            (defaults is null ? Include.Any(glob => glob.Matches(path)) : !defaults.Covers(path)) && !Exclude.Any(glob => glob.Matches(path));
    }

    private static string Listed(IReadOnlyList<Glob> globs) => string.Join(", ", globs.Select(glob => Quoted.Text(glob.Text)));
}
