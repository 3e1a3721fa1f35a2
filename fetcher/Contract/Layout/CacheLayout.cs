using Stevedore.Contract.References;

namespace Stevedore.Contract.Layout;

/// <summary>Where things lie below a cache's root: pure arithmetic on paths, nothing is looked at or made.</summary>
/// <param name="Root">The cache as its user sees it: the fetcher's <c>--cache</c>, or the workload's mount of the same volume.</param>
public sealed record CacheLayout(string Root)
{
    /// <summary>Where the webhook mounts the cache unless a policy says otherwise.</summary>
    public const string DefaultMountPath = "/var/cache/stevedore";

    /// <summary>The Hugging Face cache: what <c>HF_HUB_CACHE</c> may name.</summary>
    public string Hub => Path.Combine(Root, "hub");

    /// <summary>What readers never look at: leases, partial blobs and journals, records, marks, trash.</summary>
    public string Internal => Path.Combine(Root, ".stevedore");

    /// <summary>Partial blobs and their journals.</summary>
    public string Partials => Path.Combine(Internal, "partial");

    /// <summary>Leases, a file per epoch.</summary>
    public string Leases => Path.Combine(Internal, "leases");

    /// <summary>Heartbeats, a file per running fetcher.</summary>
    public string Fetchers => Path.Combine(Internal, "fetchers");

    /// <summary>What was withdrawn and awaits deletion.</summary>
    public string Trash => Path.Combine(Internal, "trash");

    /// <summary>What running fetchers rely on, a file each.</summary>
    public string Intents => Path.Combine(Internal, "intents");

    /// <summary>Which pods use which versions.</summary>
    public string Marks => Path.Combine(Internal, "marks");

    /// <summary>Records of versions: manifests, what is complete, what revisions meant.</summary>
    public string Records => Path.Combine(Internal, "versions");

    /// <summary>
    /// The folder of a model relative to <see cref="Root"/>: never outside of it, and different for different models, so it is also the model's key.
    /// </summary>
    /// <param name="reference">The model.</param>
    /// <param name="s3Endpoint">Of an S3 reference: the store, since two of them may have a bucket of one name; null for AWS.</param>
    /// <exception cref="ArgumentException">The scheme is mounted, never cached.</exception>
    public static string FolderOf(ModelReference reference, Uri? s3Endpoint = null) => reference switch
    {
        HubReference hub => "hub/models--" + hub.Id.Replace("/", "--", StringComparison.Ordinal),
        S3Reference s3 => FolderName.Join("models/s3", [s3Endpoint is null ? "aws" : HostOf(s3Endpoint), .. s3Endpoint is null ? [] : Parts(s3Endpoint.AbsolutePath), s3.Bucket, .. Parts(s3.Prefix)]),
        HttpReference http => FolderName.Join($"models/{http.Scheme}", [HostOf(http.Address), .. Parts(http.Address.AbsolutePath).Select(Uri.UnescapeDataString)])
            + (http.IsDirectory ? "" : FolderName.SingleFile),
        FileReference file => FolderName.Join("models/file/localhost", Parts(file.Path)),
        _ => throw new ArgumentException($"{reference} is mounted where it lies and has no place in a cache.", nameof(reference)),
    };

    /// <summary>The content of files of a Hub repository, named by digest.</summary>
    public string BlobsOf(string modelFolder) => Path.Combine(Root, modelFolder, "blobs");

    /// <summary>What the revisions of a Hub repository mean: a commit of 40 characters without a newline in each file.</summary>
    public string RefsOf(string modelFolder) => Path.Combine(Root, modelFolder, "refs");

    /// <summary>The folder whose content is the version's files: a snapshot for the Hub, plain files for everything else.</summary>
    public string VersionOf(string modelFolder, string version) => IsHub(modelFolder)
        ? Path.Combine(Root, modelFolder, "snapshots", version)
        : Path.Combine(Root, modelFolder, version);

    /// <summary>Whether the folder is laid out as the Hugging Face cache is.</summary>
    public static bool IsHub(string modelFolder) => modelFolder.StartsWith("hub/", StringComparison.Ordinal);

    // No host's name has a plus sign.
    private static string HostOf(Uri address) => (address.IsDefaultPort ? address.IdnHost : $"{address.IdnHost}+{address.Port}").ToLowerInvariant();

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
