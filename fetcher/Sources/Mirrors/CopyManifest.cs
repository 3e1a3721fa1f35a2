using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>What a copy of a model says of itself: which version of which model it is, and every file of that version.</summary>
/// <param name="Reference">The original, as it was asked for.</param>
/// <param name="Version">The original's version: a commit, or the digest of its list.</param>
/// <param name="At">When it was written.</param>
/// <param name="Files">All files of the version, also those that were not copied.</param>
internal sealed record CopyManifest(string Reference, string Version, DateTimeOffset At, IReadOnlyList<CopiedFile> Files)
{
    // A hundred thousand files with long names.
    private const int Longest = 64 << 20;

    /// <summary>Reads one.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="where">Whose it is, for a sentence.</param>
    /// <exception cref="FetchException">65: it is none.</exception>
    public static CopyManifest Read(byte[] content, string where)
    {
        CopyManifest? manifest = null;
        if (content.Length <= Longest)
        {
            try
            {
                manifest = JsonSerializer.Deserialize(content, CopyJson.Default.CopyManifest);
            }
            catch (JsonException)
            {
                // Said below, as of any other content that is none.
            }
        }

        if (manifest is not { Reference: not null, Version: not null, Files: not null } || manifest.Files.Any(file => file is not { Path: not null, Size: >= 0 })
            || !(manifest.Version.Length is 40 or 64 && manifest.Version.All(char.IsAsciiHexDigitLower)))
        {
            throw new FetchException(ExitCode.WrongContent, $"{where}{MirrorLayout.Manifest} is not what \"mirror\" writes; make the copy again.");
        }

        PathGuard.Check(manifest.Files.Select(file => file.Path), where + MirrorLayout.Manifest);
        return manifest;
    }

    /// <summary>The manifest as it is written.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CopyJson.Default.CopyManifest);

    /// <summary>Whether this is a copy of what a reference asks for: the same model, and the revision or the very version.</summary>
    public bool IsOf(ModelReference asked)
    {
        var copied = ModelReference.Parse(Reference);
        return (copied.Value, asked) switch
        {
            (HubReference theirs, HubReference ours) =>
                theirs.Id == ours.Id && (ours.RevisionOrDefault == theirs.RevisionOrDefault || ours.RevisionOrDefault.Equals(Version, StringComparison.OrdinalIgnoreCase)),
            ({ } theirs, _) => theirs == asked,
            _ => false,
        };
    }
}

/// <summary>A file of a copied version.</summary>
/// <param name="Path">Relative.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">What the original says it hashes to, else the SHA-256 that was computed on the way; null for what was not copied and has none.</param>
/// <param name="Sha256">The SHA-256 in hexadecimal as it was computed on the way; null for what was not copied.</param>
/// <param name="Tag">What the storage gave for it, so that a later run knows it again; null for what was not copied.</param>
internal sealed record CopiedFile(string Path, long Size, string? Digest, string? Sha256, string? Tag)
{
    /// <summary>Whether the copy has it.</summary>
    [JsonIgnore]
    public bool IsThere => Sha256 is not null;

    /// <summary>The file as a manifest has it.</summary>
    public ManifestFile ToFile() => new(Path, Size, ContentDigest.TryParse(Digest));
}

/// <summary>Written and read without reflection, for NativeAOT.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CopyManifest))]
internal sealed partial class CopyJson : JsonSerializerContext;
