using System.Text.Json;
using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// What the fetcher takes from the containers that it serves: their credentials as they stand in the pod, so that no Secret is ever read;
/// and, since the cache is the pod's own, their endpoints, proxies and certificate authorities.
/// </summary>
internal sealed class Inheritance
{
    private static readonly HashSet<string> Plain =
    [
        "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ];

    /// <summary>Variables that name files: they are of use only with the mount that holds the file.</summary>
    private static readonly HashSet<string> Files =
    [
        "HF_TOKEN_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CA_BUNDLE",
    ];

    /// <summary>The only one that is a list, and then a short one.</summary>
    private const string ListOfDirectories = "SSL_CERT_DIR";

    private const int MostDirectories = 32;

    /// <summary>Variables of other clients for certificate authorities: the fetcher is told on its command line.</summary>
    private static readonly string[] Bundles = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"];

    private readonly Pod _pod;
    private readonly AdmissionWarnings _warnings;
    private readonly List<EnvVariable> _env = [];
    private readonly Dictionary<string, (Container Container, EnvVariable Last)> _setBy = [];
    private readonly List<JsonElement> _envFrom = [];
    private readonly HashSet<string> _envFromTexts = [];
    private readonly List<VolumeMount> _mounts = [];
    private readonly HashSet<string> _mountPaths = [];
    private string? _bundle;

    private Inheritance(Pod pod, AdmissionWarnings warnings)
    {
        _pod = pod;
        _warnings = warnings;
    }

    /// <summary>Collects it.</summary>
    public static Step<InheritedAccess> From(
        Pod pod, IReadOnlyList<Workload> workloads, IReadOnlyList<ModelReference> models, AdmissionWarnings warnings)
    {
        var inheritance = new Inheritance(pod, warnings);
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
        return new InheritedAccess(inheritance._env, inheritance._envFrom, inheritance._mounts, inheritance._bundle);
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
            if (Files.Contains(variable.Name))
                files[variable.Name] = variable;
            else if (IsPlain(variable.Name))
                wanted.Add(variable.Name);
        }

        wanted.UnionWith(files.Values.Where(variable => MountFiles(workload, variable)).Select(variable => variable.Name));

        _bundle ??= Bundles.Select(name => BundleIn(workload, name)).FirstOrDefault(path => path is not null);
        // The expression of an inherited mount is replaced from the fetcher's own environment.
        foreach (var mount in container.Mounts.Where(mount => mount.SubPathExpr is not null && _mountPaths.Contains(MountPath.Normalise(mount.Path))))
            wanted.UnionWith(KubernetesReferences.NamesIn(mount.SubPathExpr!));
        AddWithReferences(container, wanted);
        _envFrom.AddRange(container.EnvFrom.Where(entry => _envFromTexts.Add(entry.GetRawText())));
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
        string[] paths = variable.Name == ListOfDirectories ? value.Split(':', StringSplitOptions.RemoveEmptyEntries) : [value];
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

        if (!Files.Contains(name))
            _warnings.Add($"{name} names {AdmissionWarnings.Excerpt(path)}, which is in no mount: the fetcher does without");
        return null;
    }

    private void AddMount(VolumeMount mount)
    {
        if (_mountPaths.Add(MountPath.Normalise(mount.Path)))
            _mounts.Add(mount with { ReadOnly = true });
    }

    private static bool IsPlain(string name) => Plain.Contains(name) || name.StartsWith("AWS_", StringComparison.Ordinal);

    private void WarnOfDifference(string variable, string owner) =>
        _warnings.Add($"{variable} differs between containers; the fetcher uses that of \"{owner}\"");

    private void WarnIfEmpty(VolumeMount mount, string what)
    {
        if (_pod.Volumes.Any(volume => volume.Name == mount.Volume && volume.Source == "emptyDir"))
            _warnings.Add($"{AdmissionWarnings.Excerpt(what)} lies on an emptyDir, which is empty when the fetcher starts");
    }
}
