using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>A version that a prune is about to remove.</summary>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Version">The version.</param>
/// <param name="Contents">The contents that go with it.</param>
/// <param name="WithModel">Whether the model's folder goes too, since nothing else is in it.</param>
internal sealed record CondemnedVersion(string Folder, string Version, IReadOnlyList<string> Contents, bool WithModel)
{
    /// <summary>Whether a fetcher that wants a version must let the prune finish first.</summary>
    public bool Concerns(IntendedVersion wanted)
    {
        if (WithModel && (wanted.Folder + "/").StartsWith(Folder + "/", StringComparison.Ordinal))
            return true;
        return wanted.Folder == Folder && (wanted.Version == Version || wanted.Contents.Any(content => Contents.Contains(content.Key)));
    }
}

/// <summary>What a running prune says before it removes anything: a fetcher that wants any of it waits, and the prune, seeing its intent, spares it.</summary>
/// <param name="Owner">The heartbeat's name.</param>
/// <param name="Versions">What is to go.</param>
internal sealed record Condemnation(string Owner, IReadOnlyList<CondemnedVersion> Versions)
{
    /// <summary>The file's name within the prune's own folder of the trash.</summary>
    public const string FileName = "condemned.json";

    /// <summary>The folder of the trash that a prune moves things into.</summary>
    public static string FolderOf(CacheLayout cache, string owner) => Path.Combine(cache.Trash, owner);

    /// <summary>Says it, or says it anew.</summary>
    public void Announce(CacheLayout cache) => WorldReadable.Replace(
        Path.Combine(FolderOf(cache, Owner), FileName), JsonSerializer.SerializeToUtf8Bytes(this, CondemnationJson.Default.Condemnation));

    /// <summary>What a folder of the trash says; null where it says nothing.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="folder">The folder's name.</param>
    public static Condemnation? TryRead(CacheLayout cache, string folder) =>
        PlainFile.TryRead(Path.Combine(FolderOf(cache, folder), FileName), CondemnationJson.Default.Condemnation) is { } said && said.Owner == folder.Replace(Revoked, "", StringComparison.Ordinal)
            ? said : null;

    /// <summary>Who is about to remove something that is wanted; null where nobody is.</summary>
    /// <remarks>
    /// A prune can only remove what it can rename into its folder of the trash. Where it died, renaming that folder takes its licence away: should it only have been
    /// paused, whatever it tries afterwards fails.
    /// </remarks>
    public static string? FindOwner(CacheLayout cache, IReadOnlyList<IntendedVersion> wanted, OwnerWatch watch)
    {
        if (Libc.Look(cache.Trash) is not { Kind: EntryKind.Folder })
            return null;
        foreach (var folder in Directory.EnumerateDirectories(cache.Trash))
        {
            var owner = Path.GetFileName(folder);
            if (owner.EndsWith(Revoked, StringComparison.Ordinal) || TryRead(cache, owner)?.Versions.Any(version => wanted.Any(version.Concerns)) != true)
                continue;
            if (watch.Judge(owner) == OwnerState.Alive)
                return owner;
            Revoke(cache, owner);
        }

        return null;
    }

    /// <summary>Takes a dead prune's licence away; does nothing where somebody was faster.</summary>
    public static void Revoke(CacheLayout cache, string owner)
    {
        var folder = FolderOf(cache, owner);
        try
        {
            Directory.Move(folder, folder + Revoked);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    /// <summary>Ends the name of a folder whose prune may not use it any more.</summary>
    public const string Revoked = ".revoked";
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(Condemnation))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class CondemnationJson : JsonSerializerContext;
