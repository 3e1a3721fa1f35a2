using Stevedore.Contract.References;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>How a copy of a model lies in storage: its files under their own names, and beside them what the copy says of itself.</summary>
internal static class MirrorLayout
{
    /// <summary>Holds what is the copy's own.</summary>
    public const string Folder = ".stevedore";

    /// <summary>What is copied and of which version; written last, so that a half-made copy has none.</summary>
    public const string Manifest = Folder + "/manifest.json";

    /// <summary>There while a copy is being made, with what has been copied so far; written first.</summary>
    public const string Unfinished = Folder + "/unfinished.json";

    /// <summary>How a run ends that asks such a folder for a model of its own while it is not whole.</summary>
    public static SourceUnavailableException NotWhole(ModelReference reference) => new(
        $"{reference} is a copy that is not whole: a run of \"mirror\" is under way, or was broken off; wait for it, or start it again.");

    /// <summary>Whether a path is the copy's own and no file of the model.</summary>
    public static bool IsOwn(string path) => path.StartsWith(Folder + "/", StringComparison.Ordinal);
}
