using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Tests.Transfer;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Fetching;

/// <summary>A source in memory whose versions a test publishes and whose health it decides.</summary>
internal sealed class ScriptedSource(ModelReference reference) : IModelSource
{
    private readonly Dictionary<string, Dictionary<string, byte[]>> _versions = [];

    public ModelReference Reference => reference;

    public string? ImmutableVersion { get; init; }

    /// <summary>What the reference means.</summary>
    public string? Current { get; set; }

    /// <summary>Thrown by every call while it is set.</summary>
    public Exception? Trouble { get; set; }

    /// <summary>Whether only listing tells the version, as for a plain web server.</summary>
    public bool ResolvesByListing { get; init; }

    /// <summary>Whether files have digests at the source.</summary>
    public bool HasDigests { get; init; } = true;

    /// <summary>Thrown wherever content is opened while it is set.</summary>
    public TransferException? ContentTrouble { get; set; }

    /// <summary>Done once, before the first content is fetched: whatever happens elsewhere meanwhile.</summary>
    public Action? OnOrigin { get; set; }

    /// <summary>What the list says of a file's size; the truth where null.</summary>
    public Func<string, long>? SizeOf { get; init; }

    public int Calls { get; private set; }

    public int Opens { get; private set; }

    /// <summary>Takes every version but the current one away.</summary>
    public void ForgetOldVersions()
    {
        foreach (var old in _versions.Keys.Where(version => version != Current).ToList())
            _versions.Remove(old);
    }

    /// <summary>Publishes a version and makes it current.</summary>
    public string Publish(params (string Path, string Content)[] files) =>
        PublishBytes([.. files.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Content)))]);

    public string PublishBytes(params (string Path, byte[] Content)[] files)
    {
        var seed = string.Concat(files.Select(file => file.Path + Convert.ToHexString(SHA256.HashData(file.Content))));
        Current = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seed)))[..40];
        _versions[Current] = files.ToDictionary(file => file.Path, file => file.Content);
        return Current;
    }

    public Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken)
    {
        Answer();
        return Task.FromResult(ResolvesByListing ? null : Current);
    }

    public Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        Answer();
        version ??= Current!;
        if (!_versions.TryGetValue(version, out var files))
            throw new FetchException(ExitCode.NotFound, $"{reference} no longer has version {version}.");
        return Task.FromResult(new ModelManifest(version, [.. files.Select(file => new ManifestFile(
            file.Key,
            SizeOf?.Invoke(file.Key) ?? file.Value.Length,
            HasDigests ? new ContentDigest(DigestAlgorithm.Sha256, Convert.ToHexStringLower(SHA256.HashData(file.Value))) : null,
            HasDigests ? null : "etag"))]));
    }

    public IContentOrigin OriginOf(string version, ManifestFile file)
    {
        Opens++;
        var meanwhile = OnOrigin;
        OnOrigin = null;
        meanwhile?.Invoke();
        return new ScriptedOrigin(_versions[version][file.Path]) { OnOpen = (_, _, _) => ContentTrouble is null ? null : throw ContentTrouble };
    }

    private void Answer()
    {
        Calls++;
        if (Trouble is not null)
            throw Trouble;
    }
}
