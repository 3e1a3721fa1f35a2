using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Publishing;

/// <summary>A version that a pod uses.</summary>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Version">The version.</param>
/// <param name="Filter">The key of the filter under which it was fetched.</param>
internal sealed record MarkedVersion(string Folder, string Version, string Filter);

/// <summary>A note that a pod uses versions. It lives until somebody who can list pods removes it.</summary>
/// <param name="Id">The pod, as <c>--mark</c> named it.</param>
/// <param name="At">When the pod was first given these versions.</param>
/// <param name="Versions">What it uses.</param>
internal sealed record PodMark(string Id, DateTimeOffset At, IReadOnlyList<MarkedVersion> Versions);

/// <summary>
/// The marks of a cache: files <c>POD.SET.json</c>, where POD is the pod's UID and SET names the versions. A pod that starts again with the same versions finds
/// its mark there; with others it leaves a second one, so that what its running containers still read stays marked as well.
/// </summary>
/// <param name="cache">The cache.</param>
internal sealed class PodMarks(CacheLayout cache)
{
    /// <summary>Marks versions as used by a pod; writes nothing where the mark stands already.</summary>
    /// <exception cref="IOException">The cache can't be written; or an <see cref="UnauthorizedAccessException"/>.</exception>
    public void Set(string id, IEnumerable<MarkedVersion> versions, DateTimeOffset now)
    {
        var sorted = versions.Distinct().OrderBy(version => version.ToString(), StringComparer.Ordinal).ToList();
        var path = Path.Combine(cache.Marks, $"{PodOf(id)}.{Hash(string.Join('\n', sorted))[..16]}.json");
        if (TryRead(path) is not null)
            return;
        OwnFolders.Check(cache, [cache.Marks]);
        WorldReadable.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new PodMark(id, now, sorted), MarksJson.Default.PodMark));
    }

    /// <summary>Every mark.</summary>
    /// <exception cref="FetchException">65: one can't be read, so that nobody knows what it protects.</exception>
    public IReadOnlyList<PodMark> All()
    {
        if (Libc.Look(cache.Marks) is not { Kind: EntryKind.Folder })
            return [];
        var marks = new List<PodMark>();
        foreach (var path in Directory.EnumerateFileSystemEntries(cache.Marks, "*.json").Order(StringComparer.Ordinal))
        {
            if (TryRead(path) is { } mark)
                marks.Add(mark);
            else if (Libc.Look(path) is not null)
                throw new FetchException(
                    ExitCode.WrongContent, $"The mark {path} can't be read, so what it protects is unknown and nothing was removed; remove it if its pod is gone, or use --ignore-marks.");
        }

        return marks;
    }

    /// <summary>The first part of a mark's file name: the pod's UID, also out of <c>NAMESPACE/NAME/UID@NODE</c>; a hash of any other text.</summary>
    public static string PodOf(string id)
    {
        var uid = id[(id.LastIndexOf('/') + 1)..].Split('@')[0];
        var isPod = id.Count(c => c == '/') is 0 or 2 && uid.Length is >= 8 and <= 64 && uid.Contains('-') && uid.All(c => char.IsAsciiHexDigit(c) || c == '-');
        return isPod ? uid.ToLowerInvariant() : "id-" + Hash(id)[..32];
    }

    private static PodMark? TryRead(string path) =>
        PlainFile.TryRead(path, MarksJson.Default.PodMark) is { } mark && mark.Versions.All(version => PathGuard.IsSafe(version.Folder)) ? mark : null;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(PodMark))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class MarksJson : JsonSerializerContext;
