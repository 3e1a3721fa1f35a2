using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Brings the annotation's references and the names on the command lines together. A name that is a reference's own id belongs to it, and so does a
/// directory that is called as the model is. The references that are left go, in their order, to the names that can't be fetched by themselves: the served model's directory or bare word,
/// then the directories of adapters and the like; and then, unless they are of the Hub, to the served model's Hub id. A Hub id that gets none
/// is fetched from the Hub.
/// </summary>
internal sealed class ModelMatching
{
    private readonly AdmissionWarnings _warnings;
    private readonly List<RequestedModel> _entries;
    private readonly AliasList _aliases = new();
    private readonly List<(RequestedModel Entry, NamedModel Name)> _uses = [];
    private readonly Dictionary<string, RequestedModel?> _settled = [];
    private InjectionDecision? _stop;
    private string? _withoutSource;
    private bool _isMounted;

    private ModelMatching(IReadOnlyList<ModelReference> annotated, AdmissionWarnings warnings)
    {
        _entries = [.. annotated.Select(reference => new RequestedModel(reference, isAnnotated: true))];
        _warnings = warnings;
    }

    /// <summary>Matches.</summary>
    public static Step<ModelSet> Match(IReadOnlyList<ModelReference> annotated, IReadOnlyList<Workload> workloads, AdmissionWarnings warnings)
    {
        if (AnnotatedModels.RefusalOf(annotated) is { } refused)
            return refused;
        var matching = new ModelMatching(annotated, warnings);
        var names = ModelCandidate.In(workloads).Take(ModelSet.Most * 2 + 1).ToList();
        if (names.Count > ModelSet.Most * 2)
            return TooMany();
        foreach (var name in names)
            matching.Claim(name);
        foreach (var name in names.OrderBy(name => name.Turn))
            matching.Settle(name);
        matching.PinAll();
        return matching._stop is { } stop ? stop : matching.Result(workloads);
    }

    /// <summary>The first round: names that say themselves which of the annotation's references they mean.</summary>
    private void Claim(ModelCandidate name)
    {
        if (name.Name is ModelName.Directory directory)
        {
            ClaimDirectory(name, directory.Path);
            return;
        }

        var entry = name.Name switch
        {
            ModelName.HubId hub => _entries.Find(entry => entry.Is(hub.Reference)),
            ModelName.Address address => _entries.Find(entry => entry.Reference == address.Reference),
            _ => null,
        };
        if (entry is null)
            return;
        entry.IsNamed = true;
        if (name.Name is ModelName.HubId { Quantization: not null })
            WarnOfGguf(name.Model.Text);
        else
            AddAlias(entry, name.Model.Text);
        _settled[name.Model.Text] = entry;
    }

    private void ClaimDirectory(ModelCandidate name, string path)
    {
        if (_settled.ContainsKey(path) || name.Workload.Shows(path) || NextFree(entry => entry.IsCalledLike(path)) is not { } entry)
            return;
        _settled[path] = entry;
        AddAlias(entry, path);
    }

    /// <summary>The second round: names that need one of the references that are left, or are references themselves.</summary>
    private void Settle(ModelCandidate name)
    {
        if (name.Name is ModelName.Directory directory)
        {
            SettleDirectory(name, directory.Path);
            return;
        }

        if (_settled.TryGetValue(name.Model.Text, out var settled))
        {
            if (settled is not null)
                Pin(settled, name.Model);
            return;
        }

        _settled[name.Model.Text] = SettleName(name);
    }

    private RequestedModel? SettleName(ModelCandidate name)
    {
        var isModel = name.Model.Role == ModelRole.Model;
        var next = !isModel ? null : name.Name switch
        {
            ModelName.HubId { Reference.Owner: null } or ModelName.Unusable => NextFree(_ => true),
            ModelName.HubId => NextFree(entry => entry.Reference is not HubReference),
            _ => null,
        };
        if (next is not null)
        {
            if (name.Name is ModelName.HubId { Reference.Owner: not null })
                _warnings.Add($"{AdmissionWarnings.Excerpt(name.Model.Text)} is loaded from {AdmissionWarnings.Excerpt(next.Reference.ToString())}");
            Pin(next, name.Model);
            AddAlias(next, name.Model.Text);
            return next;
        }

        switch (name.Name)
        {
            case ModelName.HubId hub:
                var entry = _entries.Find(entry => entry.Is(hub.Reference)) ?? AddEntry(hub.Reference);
                Pin(entry, name.Model);
                if (hub.Quantization is not null)
                    WarnOfGguf(name.Model.Text);
                else
                    AddAlias(entry, name.Model.Text);
                return entry;
            case ModelName.Address { Reference: HubReference or S3Reference or HttpReference } address:
                entry = AddEntry(address.Reference);
                AddAlias(entry, name.Model.Text);
                return entry;
            default:
                Miss(name);
                return null;
        }
    }

    private void SettleDirectory(ModelCandidate name, string path)
    {
        if (name.Workload.Shows(path))
        {
            _isMounted = true;
            if (name.Model.Role == ModelRole.Model && !_settled.ContainsKey(path) && NextFree(_ => true) is { } waiting)
            {
                Stop(
                    DenyReason.PathTaken,
                    $"{waiting.Reference} should appear at {path} in container \"{name.Workload.Container.Name}\", and the mount at "
                    + $"{MountPath.Showing(name.Workload.Container.Mounts, path)!.Path} is there already; remove the mount or the annotation.");
            }

            return;
        }

        if (!_settled.TryGetValue(path, out var entry))
        {
            entry = NextFree(_ => true);
            _settled[path] = entry;
            if (entry is not null)
                AddAlias(entry, path);
            else if (name.Model.Role == ModelRole.Model)
                Miss(name);
        }

        // Where nothing is left for it, a tokenizer or an adapter may well lie in the image; and of a directory no revision is asked.
        if (entry is not null && name.Model.Revision is not null)
            Pin(entry, name.Model);
    }

    /// <summary>The first reference of the annotation that nothing names yet; it is named from now on.</summary>
    private RequestedModel? NextFree(Predicate<RequestedModel> fits)
    {
        var next = _entries.Find(entry => entry is { IsNamed: false, IsAnnotated: true } && fits(entry));
        next?.IsNamed = true;
        return next;
    }

    private RequestedModel AddEntry(ModelReference reference)
    {
        var entry = new RequestedModel(reference, isAnnotated: false) { IsNamed = true };
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Notes a use, whose revision is looked at once all uses are known: in whichever order they are written.</summary>
    private void Pin(RequestedModel model, NamedModel name) => _uses.Add((model, name));

    private void PinAll()
    {
        foreach (var uses in _uses.ToLookup(use => use.Entry, use => use.Name))
            _stop ??= uses.Key.Pin([.. uses], _warnings);
    }

    private void AddAlias(RequestedModel entry, string alias)
    {
        if (_aliases.Add(entry, alias) is { } unusable)
            _stop ??= unusable;
    }

    private void WarnOfGguf(string text) =>
        _warnings.Add($"GGUF files are left out by default: set stevedore.dev/include for {AdmissionWarnings.Excerpt(text)}");

    private void Miss(ModelCandidate name)
    {
        if (name.Model.Role == ModelRole.Model)
            _withoutSource ??= name.Model.Text;
        else
            _warnings.Add($"{AdmissionWarnings.Excerpt(name.Model.Text)} ({name.Model.Role}) can't be fetched and was ignored");
    }

    private Step<ModelSet> Result(IReadOnlyList<Workload> workloads)
    {
        if (_entries.Count > ModelSet.Most)
            return TooMany();
        if (_entries.Count > 0)
        {
            foreach (var entry in _entries.Where(entry => !entry.IsNamed && entry.Reference is not HubReference))
                _warnings.Add($"no command line names a path or model for {AdmissionWarnings.Excerpt(entry.Reference.ToString())}");
            return new ModelSet(
                [.. _entries.OrderBy(_aliases.DepthOf).Select(entry => entry.Reference)],
                _aliases.ToList());
        }

        if (_withoutSource is null && _isMounted)
        {
            return new InjectionDecision.Skip(
                SkipReason.AlreadyMounted, "Nothing was injected: the models lie in volumes of the pod's own.", IsWorthAWarning: true);
        }

        var unread = workloads.SelectMany(workload => workload.Command.Unread).FirstOrDefault();
        var why = _withoutSource is not null ? $"the command line names \"{ShownText.Of(_withoutSource)}\", which is no model of the Hub"
            : unread is not null ? $"{ShownText.Of(unread)} on the command line is known only to the running container"
            : "no command line of vLLM names one";
        return new InjectionDecision.Deny(
            DenyReason.NoModel,
            $"Which model to fetch is not known: {why}; "
            + "write the annotation stevedore.dev/model, such as hf://Qwen/Qwen3-8B or s3://bucket/prefix/.");
    }

    private static InjectionDecision.Deny TooMany() =>
        new(DenyReason.TooManyModels, $"The pod asks for more than {ModelSet.Most} models; split it, or fetch the rest by itself.");

    private void Stop(DenyReason reason, string sentence) => _stop ??= new InjectionDecision.Deny(reason, sentence);
}
