using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>What one workload gets mounted, while it is checked that nothing of its own is in the way.</summary>
internal sealed class WorkloadMounts(Workload workload)
{
    private readonly List<VolumeMount> _mounts = [];

    /// <summary>The mounts so far.</summary>
    public IReadOnlyList<VolumeMount> All => _mounts;

    /// <summary>Adds one; the refusal where a mount of the workload's own is, contains or lies inside its path.</summary>
    public InjectionDecision.Deny? Add(VolumeMount mount)
    {
        if (workload.TakenBy(mount.Path) is { } taken)
        {
            return new InjectionDecision.Deny(
                DenyReason.PathTaken,
                $"{mount.Path} in container \"{workload.Container.Name}\" can't be mounted, since the mount at {taken.Path} is in its way; "
                + "move that mount.");
        }

        _mounts.Add(mount);
        return null;
    }

    /// <summary>Adds one at a directory that the command line names; the refusal where that touches one of ours.</summary>
    public InjectionDecision.Deny? AddDirectory(VolumeMount mount) => _mounts.Find(ours => MountPath.Touches(ours.Path, mount.Path)) is { } there
        ? new InjectionDecision.Deny(
            DenyReason.PathTaken,
            $"No model can be mounted at {mount.Path}, since {there.Volume} is at {there.Path}; call it by another path.")
        : Add(mount);

    /// <summary>Whether the path belongs to nobody yet, and can be mounted at.</summary>
    public bool IsFree(string path) => path != "/" && !path.Contains(':', StringComparison.Ordinal)
        && workload.TakenBy(path) is null && !_mounts.Exists(mount => MountPath.Touches(mount.Path, path));
}
