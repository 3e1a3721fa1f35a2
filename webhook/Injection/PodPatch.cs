using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Writes what of a plan the pod does not have yet as a JSON Patch. There is only <c>add</c>: at the end of a list, at the fetcher's place
/// among the init containers, or of a member that is not there, so nothing that a user wrote is replaced.
/// </summary>
internal sealed class PodPatch
{
    private const string StatusPointer = "/metadata/annotations/stevedore.dev~1status";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _writer;
    private readonly Pod _pod;

    private PodPatch(Utf8JsonWriter writer, Pod pod)
    {
        _writer = writer;
        _pod = pod;
    }

    /// <summary>A patch that changes nothing.</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = "[]"u8.ToArray();

    /// <summary>Writes the patch.</summary>
    public static ReadOnlyMemory<byte> Write(InjectionDecision.Inject decision)
    {
        var (plan, pod, fetcher) = (decision.Plan, decision.Existing.Whole, decision.Existing.Fetcher);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            var patch = new PodPatch(writer, pod);
            writer.WriteStartArray();
            if (decision.Status != plan.Status)
                patch.AddStatus(plan.Status);
            patch.AddVolumes(plan.Volumes);
            patch.AddFetcher(fetcher, plan);
            foreach (var workload in plan.Workloads)
            {
                var container = pod.Containers[workload.Container.Index];
                patch.AddEnv(container, workload.Env);
                patch.AddMounts(container, workload.Mounts);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private void AddStatus(string status)
    {
        if (!_pod.Parts.Metadata)
            AddEmptyObject("/metadata");
        if (!_pod.Parts.Annotations)
            AddEmptyObject("/metadata/annotations");
        Begin(StatusPointer);
        _writer.WriteStringValue(status);
        End();
    }

    private void AddVolumes(IReadOnlyList<PlannedVolume> volumes) => AddToList(
        "/spec/volumes",
        _pod.Parts.Volumes,
        [.. volumes.Where(volume => _pod.Volumes.All(there => there.Name != volume.Name))],
        volume =>
        {
            _writer.WriteStartObject();
            _writer.WriteString("name", volume.Name);
            _writer.WriteStartObject("emptyDir");
            if (volume.SizeLimit is { } limit)
                _writer.WriteString("sizeLimit", limit.ToString());
            _writer.WriteEndObject();
            _writer.WriteEndObject();
        });

    private void AddFetcher(Container? fetcher, InjectionPlan plan)
    {
        if (fetcher is null)
        {
            AddToList("/spec/initContainers", _pod.Parts.InitContainers, [plan.Fetcher], WriteFetcher, at: plan.Position.ToString());
            return;
        }

        AddEnv(fetcher, plan.Fetcher.Access.Env);
        // Both were written by the same hand, whoever that was: the API server, or a person who copied the pod.
        var there = fetcher.EnvFrom.Select(entry => entry.GetRawText()).ToHashSet();
        AddToList(
            fetcher.Pointer + "/envFrom",
            fetcher.HasEnvFrom,
            [.. plan.Fetcher.Access.EnvFrom.Where(entry => !there.Contains(entry.GetRawText()))],
            WriteVerbatim);
        AddMounts(fetcher, plan.Fetcher.Mounts);
    }

    private void WriteFetcher(FetchContainer fetcher)
    {
        _writer.WriteStartObject();
        _writer.WriteString("name", InjectionPlan.FetcherName);
        _writer.WriteString("image", fetcher.Image);
        WriteList("args", fetcher.Arguments, _writer.WriteStringValue);
        WriteList("envFrom", fetcher.Access.EnvFrom, WriteVerbatim);
        WriteList("env", fetcher.Access.Env, WriteVariable);
        if (!fetcher.Resources.IsEmpty)
        {
            _writer.WritePropertyName("resources");
            fetcher.Resources.Write(_writer);
        }

        WriteList("volumeMounts", fetcher.Mounts, WriteMount);
        _writer.WritePropertyName("securityContext");
        fetcher.Security.Write(_writer);
        _writer.WriteEndObject();
    }

    private void AddEnv(Container container, IReadOnlyList<EnvVariable> variables)
    {
        var there = container.Env.Select(variable => variable.Name).ToHashSet();
        AddToList(container.Pointer + "/env", container.HasEnv, [.. variables.Where(variable => !there.Contains(variable.Name))], WriteVariable);
    }

    private void AddMounts(Container container, IReadOnlyList<VolumeMount> mounts)
    {
        var there = container.Mounts.Select(mount => MountPath.Normalise(mount.Path)).ToHashSet();
        AddToList(
            container.Pointer + "/volumeMounts",
            container.HasMounts,
            [.. mounts.Where(mount => !there.Contains(MountPath.Normalise(mount.Path)))],
            WriteMount);
    }

    private void WriteVariable(EnvVariable variable)
    {
        if (variable.Json is { } json)
        {
            WriteVerbatim(json);
            return;
        }

        _writer.WriteStartObject();
        _writer.WriteString("name", variable.Name);
        _writer.WriteString("value", variable.Value);
        _writer.WriteEndObject();
    }

    private void WriteMount(VolumeMount mount)
    {
        _writer.WriteStartObject();
        _writer.WriteString("name", mount.Volume);
        _writer.WriteString("mountPath", mount.Path);
        if (mount.ReadOnly)
            _writer.WriteBoolean("readOnly", true);
        if (mount.SubPath is { } subPath)
            _writer.WriteString("subPath", subPath);
        if (mount.SubPathExpr is { } expression)
            _writer.WriteString("subPathExpr", expression);
        _writer.WriteEndObject();
    }

    /// <summary>As it was written, so that no field and no digit is lost; the reader has parsed it, so it is valid.</summary>
    private void WriteVerbatim(JsonElement json) => _writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(json), skipInputValidation: true);

    private void WriteList<T>(string name, IReadOnlyList<T> items, Action<T> write)
    {
        if (items.Count == 0)
            return;
        _writer.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        _writer.WriteEndArray();
    }

    /// <summary>Adds items one by one, or all in one where the list itself is missing.</summary>
    private void AddToList<T>(string pointer, bool isThere, IReadOnlyList<T> items, Action<T> write, string at = "-")
    {
        if (items.Count == 0)
            return;
        if (!isThere)
        {
            Begin(pointer);
            _writer.WriteStartArray();
            foreach (var item in items)
                write(item);
            _writer.WriteEndArray();
            End();
            return;
        }

        foreach (var item in items)
        {
            Begin($"{pointer}/{at}");
            write(item);
            End();
        }
    }

    private void AddEmptyObject(string pointer)
    {
        Begin(pointer);
        _writer.WriteStartObject();
        _writer.WriteEndObject();
        End();
    }

    private void Begin(string pointer)
    {
        _writer.WriteStartObject();
        _writer.WriteString("op", "add");
        _writer.WriteString("path", pointer);
        _writer.WritePropertyName("value");
    }

    private void End() => _writer.WriteEndObject();
}
