using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Reads the <c>stevedore.dev/</c> annotations of a pod and labels of its namespace; the first that is wrong gives the sentence.
/// </summary>
internal sealed class PodWishesReader
{
    private const int MostBytes = 64 << 10;

    /// <summary>What is written and never read.</summary>
    private static readonly string[] Written = [InjectionStatus.AnnotationName, RedirectAnnotation.Name];

    private static readonly string[] Names =
    [
        "model", "inject", "policy", "strategy", "containers", "include", "exclude", "offline", "refresh", "size-hint", "fetcher-cpu",
        "fetcher-memory", .. Written,
    ];

    private readonly PodHeader _pod;
    private InjectionDecision.Deny? _wrong;

    private PodWishesReader(PodHeader pod) => _pod = pod;

    /// <summary>Reads them.</summary>
    public static Step<PodWishes> Read(
        PodHeader pod, IReadOnlyDictionary<string, string> namespaceLabels, InjectionPolicy policy, AdmissionWarnings warnings)
    {
        var reader = new PodWishesReader(pod);
        reader.CheckBounds();
        reader.CheckSwitches();
        var wishes = new PodWishes
        {
            Models = reader.Models(),
            Strategy = reader.ChooseStrategy(namespaceLabels, policy),
            Containers = reader.List("containers"),
            Include = [.. reader.List("include").Select(text => new Glob(text))],
            Exclude = [.. reader.List("exclude").Select(text => new Glob(text))],
            Offline = reader.Value("offline", Boolean),
            Refresh = reader.Value("refresh", GoDuration.Parse),
            SizeHint = reader.Value("size-hint", Size),
            FetcherCpu = reader.Value("fetcher-cpu", Cpus),
            FetcherMemory = reader.Value("fetcher-memory", Size) is { } memory ? memory.Bytes : null,
        };
        if (reader._wrong is { } wrong)
            return wrong;
        foreach (var name in pod.Annotations.Keys.Except(Names))
            warnings.Add($"the annotation {PodHeader.Prefix}{AdmissionWarnings.Excerpt(name)} is not known and was ignored");
        return wishes;
    }

    private void CheckBounds()
    {
        if (_pod.Fault is { } fault)
            Wrong(DenyReason.InvalidAnnotation, $"The {fault} is not a string; put its value in quotes.");
        var bytes = _pod.Annotations.Where(a => !Written.Contains(a.Key)).Sum(a => Encoding.UTF8.GetByteCount(a.Value));
        if (bytes > MostBytes)
        {
            Wrong(
                DenyReason.AnnotationsTooLarge,
                $"The {PodHeader.Prefix} annotations hold {bytes} bytes and at most {MostBytes} are read; name fewer models or files.");
        }
    }

    private void CheckSwitches()
    {
        Value("inject", Boolean);
        if (_pod.InjectLabel is { } label && Boolean(label) is { IsValid: false } wrong)
            Wrong(DenyReason.InvalidAnnotation, $"Label {PodHeader.Prefix}inject: {wrong.Error}");
    }

    private IReadOnlyList<ModelReference> Models()
    {
        if (_wrong is not null || Text("model") is not { } text)
            return [];
        if (text.AsSpan().Count(',') + text.AsSpan().Count('\n') > ModelSet.Most * 4)
        {
            Wrong(DenyReason.TooManyModels, $"Annotation {PodHeader.Prefix}model names more than {ModelSet.Most} models; split the pod.");
            return [];
        }

        var models = ModelReference.ParseList(text);
        if (!models.IsValid)
            Wrong(DenyReason.InvalidReference, $"Annotation {PodHeader.Prefix}model: {models.Error}");
        return models.Value ?? [];
    }

    private Strategy ChooseStrategy(IReadOnlyDictionary<string, string> namespaceLabels, InjectionPolicy policy)
    {
        if (Chosen("strategy", namespaceLabels) is not var (text, at))
            return policy.Strategy;
        if (!Enum.TryParse<Strategy>(text, ignoreCase: true, out var strategy) || !Enum.IsDefined(strategy) || char.IsAsciiDigit(text[0]))
            Wrong(DenyReason.InvalidAnnotation, $"{at} is \"{text}\"; write one of {string.Join(", ", Enum.GetNames<Strategy>())}.");
        else if (!policy.AllowedStrategies.Contains(strategy))
            Wrong(DenyReason.StrategyNotAllowed, $"{at} asks for the strategy {strategy}, and {Allowed(policy)}.");
        return strategy;
    }

    /// <summary>What the pod's annotation says, else the namespace's label, with the words that name the place.</summary>
    private (string Value, string Place)? Chosen(string name, IReadOnlyDictionary<string, string> namespaceLabels) =>
        Text(name) is { } own
            ? (own, $"Annotation {PodHeader.Prefix}{name}")
            : namespaceLabels.TryGetValue(PodHeader.Prefix + name, out var label) && label.Length > 0
                ? (label, $"The namespace's label {PodHeader.Prefix}{name}")
                : null;

    private static string Allowed(InjectionPolicy policy) =>
        $"the policy \"{policy.Name}\" allows only {string.Join(", ", policy.AllowedStrategies)}";

    private string[] List(string name) =>
        Text(name)?.Split([',', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private T? Value<T>(string name, Func<string, Parsed<T>> parse)
        where T : struct
    {
        if (Text(name) is not { } text)
            return null;
        var parsed = parse(text);
        if (parsed.IsValid)
            return parsed.Value;
        Wrong(DenyReason.InvalidAnnotation, $"Annotation {PodHeader.Prefix}{name}: {parsed.Error}");
        return null;
    }

    /// <summary>The annotation; null where it is absent or empty, as templates leave it.</summary>
    private string? Text(string name) =>
        _pod.Annotations.TryGetValue(name, out var text) && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    private void Wrong(DenyReason reason, string sentence) => _wrong ??= new InjectionDecision.Deny(reason, sentence);

    private static Parsed<bool> Boolean(string text) =>
        bool.TryParse(text, out var value) ? value : Parsed<bool>.Wrong($"\"{text}\" is neither \"true\" nor \"false\".");

    private static Parsed<ByteSize> Size(string text)
    {
        var size = ByteSize.Parse(text);
        return size.IsValid && size.Value.Bytes == 0 ? Parsed<ByteSize>.Wrong($"\"{text}\" is nothing; write a size such as 20Gi.") : size;
    }

    private static Parsed<decimal> Cpus(string text) => Quantity.TryParse(text, out var cpus) && cpus >= 0.001m
        ? cpus
        : Parsed<decimal>.Wrong($"\"{text}\" is not a number of CPUs; write one such as 500m or 4.");
}
