using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract.Values;

namespace Stevedore.Fetcher.Manifests;

/// <summary>Which files of a version are wanted: huggingface_hub's <c>allow_patterns</c> and <c>ignore_patterns</c>, with defaults that fit vLLM.</summary>
/// <param name="Include">Only what one of these covers; empty for everything but the default excludes.</param>
/// <param name="Exclude">Nothing that one of these covers.</param>
internal sealed record FileFilter(IReadOnlyList<Glob> Include, IReadOnlyList<Glob> Exclude)
{
    // Formats that vLLM does not load unless told to, and what belongs to the repository rather than to the model.
    private static readonly Glob[] NeverByDefault =
    [
        new("original/*"), new("*.onnx"), new("*.onnx_data"), new("*.h5"), new("*.msgpack"), new("*.gguf"), new("*.tflite"), new("*.ot"),
        new(".gitattributes"), new(".gitignore"), new("*/.gitattributes"),
    ];

    // The same weights once more, in the format that safetensors replaced.
    private static readonly Glob[] NotBesideSafetensors = [new("*.bin"), new("*.bin.index.json"), new("*.pth"), new("*.pt")];

    private static readonly Glob Safetensors = new("*.safetensors");

    // Mistral's own format: beside ordinary shards it changes which loader vLLM picks.
    private static readonly Glob Consolidated = new("consolidated*.safetensors");

    /// <summary>
    /// Names the filter in records: two runs that want the same files by the same words share it. <c>default</c> where nothing was said, else 16 hexadecimal
    /// characters. Order and repetition do not matter.
    /// </summary>
    public string Key => Include.Count == 0 && Exclude.Count == 0
        ? "default"
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Canonical(Include)}\0{Canonical(Exclude)}")))[..16];

    /// <summary>The files that are wanted, in the manifest's order.</summary>
    public IReadOnlyList<ManifestFile> Select(IReadOnlyList<ManifestFile> files)
    {
        var defaults = Include.Count == 0 ? DefaultExcludes(files) : [];
        return [.. files.Where(file =>
            (Include.Count == 0 || Covers(Include, file)) && !Covers(Exclude, file) && !Covers(defaults, file))];
    }

    /// <summary>The filter in words, for the sentence that says that it leaves nothing.</summary>
    public string Describe() => (Include.Count, Exclude.Count) switch
    {
        (0, 0) => "all that it lists is left out by default (original/, .onnx, .h5, .msgpack, .gguf and the like)",
        (_, 0) => $"--include {string.Join(", ", Include)} covers none",
        (0, _) => $"--exclude {string.Join(", ", Exclude)} covers all",
        _ => $"--include {string.Join(", ", Include)} without --exclude {string.Join(", ", Exclude)} leaves none",
    };

    /// <inheritdoc/>
    public bool Equals(FileFilter? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    private static Glob[] DefaultExcludes(IReadOnlyList<ManifestFile> files)
    {
        var weights = files.Where(file => Safetensors.Matches(file.Path) && !Covers(NeverByDefault, file)).ToList();
        if (weights.Count == 0)
            return NeverByDefault;
        return weights.Exists(file => !Consolidated.Matches(file.Path))
            ? [.. NeverByDefault, .. NotBesideSafetensors, Consolidated]
            : [.. NeverByDefault, .. NotBesideSafetensors];
    }

    private static bool Covers(IReadOnlyList<Glob> globs, ManifestFile file) => globs.Any(glob => glob.Matches(file.Path));

    private static string Canonical(IReadOnlyList<Glob> globs) =>
        string.Join('\n', globs.Select(glob => glob.Text).Distinct().Order(StringComparer.Ordinal));
}
