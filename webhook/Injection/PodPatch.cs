using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Writes what of a plan the pod does not have yet as a JSON Patch: only additions at the end of a list, at the fetcher's place among the init
/// containers, or of a member that is not there, so nothing that a user wrote is replaced.
/// </summary>
internal sealed class PodPatch
{
    private const string Annotations = "/metadata/annotations";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PatchWriter _patch;
    private readonly Pod _pod;

    private PodPatch(PatchWriter patch, Pod pod)
    {
        _patch = patch;
        _pod = pod;
    }

    /// <summary>A patch that changes nothing.</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = "[]"u8.ToArray();

    /// <summary>Writes the patch.</summary>
    public static ReadOnlyMemory<byte> Write(InjectionDecision.Inject decision)
    {
        var (plan, existing) = (decision.Plan.Strategy, decision.Existing);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            var patch = new PodPatch(new PatchWriter(json), existing.Whole);
            json.WriteStartArray();
            patch.AddAnnotations(decision);
            patch.AddVolumes(plan.Volumes);
            if (plan.Fetcher is not null)
                patch.AddFetcher(existing.Fetcher, plan.Fetcher, decision.Plan.Position);
            foreach (var workload in plan.Workloads)
            {
                var container = existing.Whole.Containers[workload.Container.Index];
                patch.AddEnvFrom(container, workload.EnvFrom);
                patch.AddEnv(container, workload.Env);
                patch.AddMounts(container, workload.Mounts);
            }

            if (plan.Nodes is { } nodes)
                NodeAffinityPatch.Write(patch._patch, existing.Whole.Placement, nodes);
            json.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private void AddAnnotations(InjectionDecision.Inject decision)
    {
        List<(string Name, string Value)> wanted = [(InjectionStatus.AnnotationName, decision.Plan.Status)];
        if (decision.Plan.Strategy.Redirect is { } redirect)
            wanted.Add((RedirectAnnotation.Name, redirect));
        wanted.RemoveAll(annotation => decision.Annotations.GetValueOrDefault(annotation.Name) == annotation.Value);
        if (wanted.Count == 0)
            return;
        if (!_pod.Parts.Metadata)
            _patch.AddEmptyObject("/metadata");
        if (!_pod.Parts.Annotations)
            _patch.AddEmptyObject(Annotations);
        foreach (var (name, value) in wanted)
            _patch.Add($"{Annotations}/stevedore.dev~1{name}", value);
    }

    private void AddVolumes(IReadOnlyList<PlannedVolume> volumes) => _patch.AddToList(
        "/spec/volumes",
        _pod.Parts.Volumes,
        [.. volumes.Where(volume => _pod.Volumes.All(there => there.Name != volume.Name))],
        volume =>
        {
            _patch.Json.WriteStartObject();
            _patch.Json.WriteString("name", volume.Name);
            _patch.Json.WritePropertyName(volume.Source.Kind);
            _patch.WriteVerbatim(volume.Source.Json.GetProperty(volume.Source.Kind));
            _patch.Json.WriteEndObject();
        });

    private void AddFetcher(Container? there, FetchContainer fetcher, int position)
    {
        if (there is null)
        {
            _patch.AddToList(
                "/spec/initContainers", _pod.Parts.InitContainers, [fetcher], _ => ContainerJson.Write(_patch, fetcher), at: position.ToString());
            return;
        }

        AddEnv(there, fetcher.Access.Env);
        AddEnvFrom(there, fetcher.Access.EnvFrom);
        AddMounts(there, fetcher.Mounts);
    }

    private void AddEnvFrom(Container container, IReadOnlyList<JsonElement> entries) => _patch.AddToList(
        container.Pointer + "/envFrom",
        container.HasEnvFrom,
        [.. entries.Where(entry => !container.EnvFrom.Any(there => JsonElement.DeepEquals(there, entry)))],
        _patch.WriteVerbatim);

    private void AddEnv(Container container, IReadOnlyList<EnvVariable> variables)
    {
        var there = container.Env.Select(variable => variable.Name).ToHashSet();
        _patch.AddToList(
            container.Pointer + "/env",
            container.HasEnv,
            [.. variables.Where(variable => !there.Contains(variable.Name))],
            variable => ContainerJson.Write(_patch, variable));
    }

    private void AddMounts(Container container, IReadOnlyList<VolumeMount> mounts)
    {
        var there = container.Mounts.Select(mount => MountPath.Normalise(mount.Path)).ToHashSet();
        _patch.AddToList(
            container.Pointer + "/volumeMounts",
            container.HasMounts,
            [.. mounts.Where(mount => !there.Contains(MountPath.Normalise(mount.Path)))],
            mount => ContainerJson.Write(_patch, mount));
    }
}
