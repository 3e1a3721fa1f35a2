using System.Text.Json;
using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// What the fetcher takes from the containers that it serves: their credentials as they stand in the pod, so that no Secret is ever read;
/// and, where the cache is the pod's own, their endpoints, proxies and certificate authorities.
/// </summary>
internal sealed class Inheritance
{
    private const int MostDirectories = 32;

    private readonly bool _isShared;
    private readonly InheritedNames _names;
    private readonly Pod _pod;
    private readonly AdmissionWarnings _warnings;
    private readonly List<EnvVariable> _env = [];
    private readonly Dictionary<string, (Container Container, EnvVariable Last)> _setBy = [];
    private readonly List<JsonElement> _envFrom = [];
    private readonly HashSet<string> _envFromTexts = [];
    private readonly List<EnvVariable> _keys = [];
    private readonly List<VolumeMount> _mounts = [];
    private readonly HashSet<string> _mountPaths = [];
    private string? _bundle;

    private Inheritance(Pod pod, bool isShared, AdmissionWarnings warnings)
    {
        _pod = pod;
        _isShared = isShared;
        _names = isShared ? InheritedNames.ForSharedCache : InheritedNames.ForOwnCache;
        _warnings = warnings;
    }

    /// <summary>Collects it.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="workloads">The containers that are served.</param>
    /// <param name="models">What is fetched.</param>
    /// <param name="isShared">Whether others read the cache too.</param>
    /// <param name="warnings">What a person should know.</param>
    public static Step<FetcherAccess> From(
        Pod pod, IReadOnlyList<Workload> workloads, IReadOnlyList<ModelReference> models, bool isShared, AdmissionWarnings warnings)
    {
        var inheritance = new Inheritance(pod, isShared, warnings);
        foreach (var file in models.OfType<FileReference>())
        {
            if (!inheritance.MountModel(file, workloads))
            {
                return new InjectionDecision.Deny(
                    DenyReason.FileNotMounted,
                    $"{file} lies in no mount of container \"{workloads[0].Container.Name}\"; "
                    + "mount the volume that holds it, or write another kind of reference.");
            }
        }

        foreach (var workload in workloads)
            inheritance.Take(workload);
        // What env sets goes before envFrom, as for the kubelet.
        var keys = inheritance._keys.Where(key => !inheritance._setBy.ContainsKey(key.Name));
        return new FetcherAccess([.. keys, .. inheritance._env], inheritance._envFrom, inheritance._mounts, inheritance._bundle);
    }

    private bool MountModel(FileReference file, IReadOnlyList<Workload> workloads)
    {
        var path = MountPath.Normalise(file.Path);
        foreach (var container in workloads.Select(workload => workload.Container).Concat(_pod.AllContainers))
        {
            if (MountPath.Showing(container.Mounts, path) is not { } mount)
                continue;
            // The variables of an expression come along only from the containers that are served.
            if (mount.SubPathExpr is not null && workloads.All(workload => workload.Container != container))
                continue;
            if (IsBarred(mount))
                continue;
            AddMount(mount);
            WarnIfEmpty(mount, file.ToString());
            return true;
        }

        return false;
    }

    private void Take(Workload workload)
    {
        var container = workload.Container;
        var wanted = new HashSet<string>();
        // Of two entries of one name the last wins: each variable is looked at once, however often it is set.
        var files = new Dictionary<string, EnvVariable>();
        foreach (var variable in container.Env)
        {
            if (_names.Files.Contains(variable.Name))
                files[variable.Name] = variable;
            else if (_names.IsPlain(variable.Name))
                wanted.Add(variable.Name);
        }

        wanted.UnionWith(files.Values.Where(variable => MountFiles(workload, variable)).Select(variable => variable.Name));

        _bundle ??= _names.Bundles.Select(name => BundleIn(workload, name)).FirstOrDefault(path => path is not null);
        // The expression of an inherited mount is replaced from the fetcher's own environment.
        foreach (var mount in container.Mounts.Where(mount => mount.SubPathExpr is not null && _mountPaths.Contains(MountPath.Normalise(mount.Path))))
            wanted.UnionWith(KubernetesReferences.NamesIn(mount.SubPathExpr!));
        AddWithReferences(container, wanted);
        foreach (var entry in container.EnvFrom.Where(entry => _envFromTexts.Add(entry.GetRawText())))
        {
            if (_isShared)
                _keys.AddRange(CredentialKeys.Of(entry));
            else
                _envFrom.Add(entry);
        }
    }

    /// <summary>In the container's own order, since a value sees only the variables above it.</summary>
    private void AddWithReferences(Container container, HashSet<string> wanted)
    {
        // From the last to the first: what a value refers to stands above it.
        var taken = new bool[container.Env.Count];
        for (var i = container.Env.Count - 1; i >= 0; i--)
        {
            var variable = container.Env[i];
            if (!wanted.Contains(variable.Name))
                continue;
            if (variable.ComesFromFile)
            {
                var name = AdmissionWarnings.Excerpt(variable.Name);
                _warnings.Add($"{name} comes from a file that another container writes, too late for the fetcher");
                continue;
            }

            if (_isShared && !SharedCacheGuard.IsHarmless(variable))
            {
                _warnings.Add($"{AdmissionWarnings.Excerpt(variable.Name)} is no plain value: the fetcher of a shared cache does without it");
                continue;
            }

            taken[i] = true;
            if (variable.Value is { } value)
                wanted.UnionWith(KubernetesReferences.NamesIn(value));
        }

        for (var i = 0; i < taken.Length; i++)
        {
            if (taken[i])
                AddVariable(container, container.Env[i]);
        }
    }

    private void AddVariable(Container container, EnvVariable variable)
    {
        if (_setBy.TryGetValue(variable.Name, out var set) && set.Container != container)
        {
            if (!JsonElement.DeepEquals(set.Last.Json!.Value, variable.Json!.Value))
                WarnOfDifference(AdmissionWarnings.Excerpt(variable.Name), AdmissionWarnings.Excerpt(set.Container.Name));
            return;
        }

        _setBy[variable.Name] = (container, variable);
        _env.Add(variable);
    }

    /// <summary>Takes the mounts that hold the files; false where the files belong to the image, which the fetcher does not have.</summary>
    private bool MountFiles(Workload workload, EnvVariable variable)
    {
        if (workload.Environment.ValueOf(variable.Name) is not { Length: > 0 } value)
        {
            if (variable.Value is null)
                _warnings.Add($"where {variable.Name} points is not in the pod, so its file is not mounted for the fetcher");
            return variable.Value is null;
        }

        var mounts = new List<VolumeMount>();
        string[] paths = variable.Name == InheritedNames.ListOfDirectories ? value.Split(':', StringSplitOptions.RemoveEmptyEntries) : [value];
        if (paths.Length > MostDirectories)
        {
            _warnings.Add($"{variable.Name} names more than {MostDirectories} directories: the fetcher does without");
            return false;
        }

        foreach (var path in paths)
        {
            if (!path.StartsWith('/') || MountPath.Showing(workload.Container.Mounts, MountPath.Normalise(path)) is not { } mount)
            {
                _warnings.Add($"{variable.Name} names {AdmissionWarnings.Excerpt(path)}, which is in no mount: the fetcher does without");
                return false;
            }

            if (IsBarred(mount))
            {
                _warnings.Add($"{variable.Name} lies in the mount at {AdmissionWarnings.Excerpt(mount.Path)}, which can't be given to the fetcher");
                return false;
            }

            WarnIfEmpty(mount, variable.Name);
            mounts.Add(mount);
        }

        mounts.ForEach(AddMount);
        return true;
    }

    private string? BundleIn(Workload workload, string name)
    {
        if (workload.Environment.ValueOf("SSL_CERT_FILE") is { } file && workload.Shows(MountPath.Normalise(file)))
            return null;
        if (workload.Environment.ValueOf(name) is not { } path || !path.StartsWith('/'))
            return null;
        if (MountPath.Showing(workload.Container.Mounts, MountPath.Normalise(path)) is { } mount)
        {
            AddMount(mount);
            return path;
        }

        if (!_names.Files.Contains(name))
            _warnings.Add($"{name} names {AdmissionWarnings.Excerpt(path)}, which is in no mount: the fetcher does without");
        return null;
    }

    private void AddMount(VolumeMount mount)
    {
        if (_mountPaths.Add(MountPath.Normalise(mount.Path)))
            _mounts.Add(mount with { ReadOnly = true });
    }

    /// <summary>Where others read the cache, no mount of a pod's own may lie over the fetcher's program, or need variables of the pod's.</summary>
    private bool IsBarred(VolumeMount mount) => _isShared && (mount.SubPathExpr is not null || SharedCacheGuard.HidesTheProgram(mount.Path));

    private void WarnOfDifference(string variable, string owner) =>
        _warnings.Add($"{variable} differs between containers; the fetcher uses that of \"{owner}\"");

    private void WarnIfEmpty(VolumeMount mount, string what)
    {
        if (_pod.Volumes.Any(volume => volume.Name == mount.Volume && volume.Source == "emptyDir"))
            _warnings.Add($"{AdmissionWarnings.Excerpt(what)} lies on an emptyDir, which is empty when the fetcher starts");
    }
}
