namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>How a copy of a model lies in storage: its files under their own names, and beside them what the copy says of itself.</summary>
internal static class MirrorLayout
{
    /// <summary>What is copied and of which version; written last, so that a half-made copy has none.</summary>
    public const string Manifest = ".stevedore/manifest.json";

    /// <summary>There while a copy is being made; written first.</summary>
    public const string Unfinished = ".stevedore/unfinished";

    /// <summary>Whether a path is the copy's own and no file of the model.</summary>
    public static bool IsOwn(string path) => path is Manifest or Unfinished;
}
