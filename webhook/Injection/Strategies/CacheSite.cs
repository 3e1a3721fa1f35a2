using Stevedore.Contract.Layout;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>Where a pod's cache lies: the volume, and the part of it that is the pod's.</summary>
/// <param name="Source">The volume, as the policy has it.</param>
/// <param name="MountPath">Where it is mounted, in the fetcher and in the workload.</param>
/// <param name="Folder">The part of the volume that the workload sees; null for the whole.</param>
internal sealed record CacheSite(VolumeSource Source, string MountPath, string? Folder)
{
    /// <summary>Whether others have it too: then nothing that steers where content comes from may be the pod's own.</summary>
    public bool IsShared => !Source.IsOwn;

    /// <summary>Whether the pod's ephemeral storage is what it fills: an emptyDir that is not memory.</summary>
    public bool TakesDiskOfTheNode =>
        Source.Kind == "emptyDir" && JsonShape.Text(JsonShape.Object(Source.Json, Source.Kind), "medium") is null or "";

    /// <summary>The cache as the fetcher sees it: it mounts the whole volume, since the folder may have to be made first.</summary>
    public string FetcherPath => Folder is null ? MountPath : $"{MountPath}/{Folder}";

    /// <summary>The volume.</summary>
    public PlannedVolume Volume => new(InjectionPlan.CacheVolume, Source);

    /// <summary>
    /// What tells the cache from others, for the labels of nodes: the policy's name, and the folder behind a slash where there is one. A person can
    /// write it down, which a volume's source is too long for.
    /// </summary>
    public string IdentityUnder(InjectionPolicy policy) => Folder is null ? policy.Name : $"{policy.Name}/{Folder}";

    /// <summary>Finds it; the refusal where the namespace's name can't be a folder's.</summary>
    public static Step<CacheSite> For(PlanRequest request)
    {
        var policy = request.Policy;
        var source = SourceOf(request);
        if (source.Kind == "emptyDir" && request.Wishes.SizeHint is { } size)
            source = VolumeSources.EmptyDir(source, size);
        if (source.IsOwn || policy.Isolation == Isolation.Cluster)
            return new CacheSite(source, MountPathOf(policy), null);
        var folder = TenantFolder.For(request.Namespace);
        return folder.IsValid
            ? new CacheSite(source, MountPathOf(policy), folder.Value)
            : new InjectionDecision.Deny(DenyReason.MalformedPod, $"The cache can't be kept apart for each namespace: {folder.Error}");
    }

    /// <summary>The policy's volume for the strategy.</summary>
    /// <exception cref="InvalidOperationException">There is none, which no valid policy lets happen.</exception>
    public static VolumeSource SourceOf(PlanRequest request) => request.Policy.Volumes.For(request.Strategy)
        ?? throw new InvalidOperationException($"The policy \"{request.Policy.Name}\" allows {request.Strategy} and has no volume for it.");

    /// <summary>How a workload mounts a part of it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="readOnly">Whether writing is refused.</param>
    /// <param name="part">Relative to the cache; null for all of it.</param>
    public VolumeMount Mount(string path, bool readOnly, string? part = null) =>
        new(InjectionPlan.CacheVolume, path, readOnly, (Folder, part) switch
        {
            (null, _) => part,
            (_, null) => Folder,
            _ => $"{Folder}/{part}",
        });

    private static string MountPathOf(InjectionPolicy policy) => Pods.MountPath.Normalise(policy.MountPath);
}
