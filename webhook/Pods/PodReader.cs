using System.Text.Json;
using Stevedore.Contract;

namespace Stevedore.Webhook.Pods;

/// <summary>
/// Reads what an injection needs to know, strictly: a list that is a string, or a name that is a number, gives one sentence that names the
/// place. The API server has checked a pod's types before it calls; a file that a person previews was checked by nobody.
/// </summary>
internal sealed class PodReader
{
    // More than any pod has; paths and variables are compared with each other, so their number bounds what a hostile pod can cost.
    private const int MostMounts = 1_000;
    private const int MostVariables = 10_000;

    private string? _fault;

    /// <summary>Reads a pod, or what a workload's template says of one.</summary>
    public static Parsed<Pod> Read(JsonElement pod) => JsonShape.Guard<Pod>(() =>
    {
        var reader = new PodReader();
        var value = reader.ReadPod(pod);
        return reader._fault is { } fault ? Parsed<Pod>.Wrong($"The pod can't be read: {fault}.") : value;
    });

    private Pod ReadPod(JsonElement pod)
    {
        if (pod.ValueKind != JsonValueKind.Object)
            _fault = "it is not a JSON object";
        var metadata = Expect(pod, "metadata", JsonValueKind.Object, "metadata");
        var annotations = Expect(metadata, "annotations", JsonValueKind.Object, "metadata.annotations");
        var spec = Expect(pod, "spec", JsonValueKind.Object, "spec");
        var resources = Expect(spec, "resources", JsonValueKind.Object, "spec.resources");
        var containers = ReadContainers(spec, "containers", isInit: false);
        if (containers.Count == 0)
            _fault ??= "spec.containers has no container";
        return new Pod(
            containers,
            ReadContainers(spec, "initContainers", isInit: true),
            ReadList(spec, "volumes", "spec.volumes", ReadVolume),
            ReadSecurity(spec, "spec.securityContext"),
            resources.ValueKind == JsonValueKind.Object ? ReadResources(spec, "spec") : null,
            new PodPlacement(Expect(spec, "affinity", JsonValueKind.Object, "spec.affinity"), Text(spec, "nodeName", "spec") is { Length: > 0 } node ? node : null),
            new PodParts(
                Metadata: metadata.ValueKind == JsonValueKind.Object,
                Annotations: annotations.ValueKind == JsonValueKind.Object,
                InitContainers: JsonShape.Member(spec, "initContainers").ValueKind == JsonValueKind.Array,
                Volumes: JsonShape.Member(spec, "volumes").ValueKind == JsonValueKind.Array))
        {
            HasLimitRange = JsonShape.Member(annotations, "kubernetes.io/limit-ranger").ValueKind == JsonValueKind.String,
        };
    }

    private List<Container> ReadContainers(JsonElement spec, string list, bool isInit) =>
        ReadList(spec, list, "spec." + list, (container, index, place) => new Container
        {
            Name = Needed(container, "name", place),
            Index = index,
            IsInit = isInit,
            IsNativeSidecar = isInit && Text(container, "restartPolicy", place) == "Always",
            Image = Text(container, "image", place),
            Command = ReadTexts(container, "command", place),
            Args = ReadTexts(container, "args", place),
            WorkingDirectory = Text(container, "workingDir", place),
            Env = ReadList(container, "env", place + ".env", ReadVariable, MostVariables),
            EnvFrom = ReadList(container, "envFrom", place + ".envFrom", (entry, _, _) => JsonShape.Readable(entry)),
            Mounts = ReadList(container, "volumeMounts", place + ".volumeMounts", ReadMount, MostMounts),
            Resources = ReadResources(container, place),
            Security = ReadSecurity(container, place + ".securityContext"),
            HasEnv = JsonShape.Member(container, "env").ValueKind == JsonValueKind.Array,
            HasEnvFrom = JsonShape.Member(container, "envFrom").ValueKind == JsonValueKind.Array,
            HasMounts = JsonShape.Member(container, "volumeMounts").ValueKind == JsonValueKind.Array,
        });

    private EnvVariable ReadVariable(JsonElement variable, int index, string place)
    {
        var from = Expect(variable, "valueFrom", JsonValueKind.Object, place + ".valueFrom");
        var value = Text(variable, "value", place);
        // An entry with neither is an empty string, not an unknown one.
        return new EnvVariable(
            Needed(variable, "name", place), value ?? (from.ValueKind == JsonValueKind.Object ? null : ""), JsonShape.Readable(variable))
        {
            ComesFromFile = JsonShape.Member(from, "fileKeyRef").ValueKind == JsonValueKind.Object,
        };
    }

    private VolumeMount ReadMount(JsonElement mount, int index, string place) => new(
        Needed(mount, "name", place),
        Needed(mount, "mountPath", place),
        JsonShape.Member(mount, "readOnly").ValueKind == JsonValueKind.True,
        Text(mount, "subPath", place) is { Length: > 0 } subPath ? subPath : null,
        Text(mount, "subPathExpr", place) is { Length: > 0 } expression ? expression : null);

    private Volume ReadVolume(JsonElement volume, int index, string place)
    {
        string? source = null;
        foreach (var property in volume.EnumerateObject())
        {
            if (!property.NameEquals("name") && property.Value.ValueKind == JsonValueKind.Object)
                source = property.Name;
        }

        return new Volume(Needed(volume, "name", place), source, volume);
    }

    private SecurityContext ReadSecurity(JsonElement parent, string place)
    {
        var context = Expect(parent, "securityContext", JsonValueKind.Object, place);
        return context.ValueKind == JsonValueKind.Object
            ? new SecurityContext(Number(context, "runAsUser", place), Number(context, "runAsGroup", place), context)
            : SecurityContext.None;
    }

    private ContainerResources ReadResources(JsonElement parent, string place)
    {
        place += ".resources";
        var resources = Expect(parent, "resources", JsonValueKind.Object, place);
        return resources.ValueKind == JsonValueKind.Object
            ? new ContainerResources(ReadAmounts(resources, "requests", place), ReadAmounts(resources, "limits", place))
            : ContainerResources.None;
    }

    private ResourceAmounts ReadAmounts(JsonElement resources, string name, string place)
    {
        place = $"{place}.{name}";
        var amounts = Expect(resources, name, JsonValueKind.Object, place);
        return new ResourceAmounts(Amount(amounts, "cpu", place), Amount(amounts, "memory", place));
    }

    private decimal? Amount(JsonElement amounts, string name, string place)
    {
        var member = JsonShape.Member(amounts, name);
        if (member.ValueKind == JsonValueKind.Undefined)
            return null;
        // YAML's "cpu: 2" is a number, and Kubernetes takes it.
        var text = member.ValueKind switch
        {
            JsonValueKind.String => member.GetString()!,
            JsonValueKind.Number => member.GetRawText(),
            _ => "",
        };
        if (Quantity.TryParse(text, out var amount))
            return amount;
        _fault ??= $"{place}.{name} is not a quantity such as 500m or 6G";
        return null;
    }

    private List<string> ReadTexts(JsonElement parent, string name, string place)
    {
        var texts = new List<string>();
        var list = Expect(parent, name, JsonValueKind.Array, $"{place}.{name}");
        if (list.ValueKind != JsonValueKind.Array)
            return texts;
        foreach (var text in list.EnumerateArray())
        {
            if (text.ValueKind == JsonValueKind.String)
                texts.Add(text.GetString()!);
            else
                _fault ??= $"{place}.{name}[{texts.Count}] is not a string (quote it)";
        }

        return texts;
    }

    private List<T> ReadList<T>(JsonElement parent, string name, string place, Func<JsonElement, int, string, T> read, int most = int.MaxValue)
    {
        var items = new List<T>();
        var list = Expect(parent, name, JsonValueKind.Array, place);
        if (list.ValueKind != JsonValueKind.Array)
            return items;
        if (list.GetArrayLength() > most)
        {
            _fault ??= $"{place} has {list.GetArrayLength()} entries and at most {most} are read; leave some out";
            return items;
        }

        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object)
                items.Add(read(item, items.Count, place));
            else
                _fault ??= $"{place}[{items.Count}] is not an object";
        }

        return items;
    }

    private JsonElement Expect(JsonElement parent, string name, JsonValueKind kind, string place)
    {
        var member = JsonShape.Member(parent, name);
        if (member.ValueKind == kind || member.ValueKind == JsonValueKind.Undefined)
            return member;
        _fault ??= $"{place} is not {(kind == JsonValueKind.Array ? "a list" : "an object")}";
        return default;
    }

    private string? Text(JsonElement parent, string name, string place)
    {
        var member = JsonShape.Member(parent, name);
        if (member.ValueKind == JsonValueKind.String)
            return member.GetString();
        if (member.ValueKind != JsonValueKind.Undefined)
            _fault ??= $"a {name} in {place} is not a string (quote it)";
        return null;
    }

    private string Needed(JsonElement parent, string name, string place)
    {
        var text = Text(parent, name, place);
        if (text is null)
            _fault ??= $"an entry of {place} has no {name}";
        return text ?? "";
    }

    private long? Number(JsonElement parent, string name, string place)
    {
        var member = JsonShape.Member(parent, name);
        if (member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var number))
            return number;
        if (member.ValueKind != JsonValueKind.Undefined)
            _fault ??= $"{place}.{name} is not a whole number";
        return null;
    }
}
