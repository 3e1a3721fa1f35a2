using System.Text.Json;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>What reading one <c>ModelCachePolicy</c> gave.</summary>
/// <param name="Name">Its name; null where it has none.</param>
/// <param name="Policy">The policy; null where anything is wrong with it.</param>
/// <param name="Problems">All that is wrong with it.</param>
internal sealed record PolicyRead(string? Name, InjectionPolicy? Policy, IReadOnlyList<PolicyProblem> Problems);

/// <summary>
/// The one reader and validator of policies, whether from a file or from the cluster. It is strict: what it does not know is an error, since a
/// misspelt rule is no rule.
/// </summary>
internal static class PolicyReader
{
    /// <summary>The group and version that it reads.</summary>
    public const string ApiVersion = "stevedore.dev/v1alpha1";

    /// <summary>The kind that it reads.</summary>
    public const string Kind = "ModelCachePolicy";

    private const int MostGlobs = 256;

    /// <summary>Reads one object.</summary>
    public static PolicyRead Read(JsonElement json) => Read(json, new PolicyProblems());

    /// <summary>The paths of all fields that a spec may have, with their values where these are enumerated.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Catalogue()
    {
        var catalogue = new Dictionary<string, IReadOnlyList<string>>();
        var problems = new PolicyProblems { Catalogue = catalogue };
        Spec(new Fields(default, "spec", problems), new InjectionPolicy { Name = "" }, problems);
        return catalogue;
    }

    private static PolicyRead Read(JsonElement json, PolicyProblems problems)
    {
        string? name = null;
        try
        {
            var root = new Fields(JsonShape.Readable(json), "", problems);
            CheckType(root);
            if (problems.All.Count > 0)
                return new PolicyRead(null, null, problems.All);
            var metadata = root.Object("metadata").Open();
            name = metadata.Required("name", metadata.Parse("name", KubernetesNames.Object), "name the policy");
            if (!metadata.IsPresent)
                root.Required<string>("metadata", null, "write metadata: {name: …}");
            if (name == InjectionPolicy.BuiltInName)
                metadata.Wrong("name", $"\"{name}\" stands for the rules where no policy applies; choose another.");
            var generation = metadata.Number("generation", 0, long.MaxValue) ?? 0;
            var spec = root.Object("spec");
            if (!spec.IsPresent)
                root.Required<string>("spec", null, "write spec: {} for a policy that is all defaults");
            root.Verbatim("status");
            var policy = Spec(spec, new InjectionPolicy { Name = name ?? "", Generation = generation }, problems);
            root.Close();
            return new PolicyRead(name, problems.All.Count == 0 ? policy : null, problems.All);
        }
        catch (InvalidOperationException)
        {
            problems.Add("spec", "holds half a surrogate pair, such as \\ud800 alone, which is no text; write the whole character.");
            return new PolicyRead(name, null, problems.All);
        }
    }

    private static void CheckType(Fields root)
    {
        if (!root.IsPresent)
            root.Wrong("kind", $"is missing; write an object of kind {Kind}.");
        Must("apiVersion", ApiVersion);
        Must("kind", Kind);

        void Must(string field, string value) => root.Required(
            field,
            root.Parse(field, text => text == value ? text : Parsed<string>.Wrong($"is {Quoted.Text(text)}; write {value}.")),
            $"write {value}");
    }

    private static InjectionPolicy Spec(Fields spec, InjectionPolicy named, PolicyProblems problems)
    {
        var models = spec.Object("models");
        var strategy = spec.Choice<Strategy>("strategy") ?? Strategy.Local;
        var allowed = spec.Choices<Strategy>("allowedStrategies");
        var policy = named with
        {
            Priority = (int)(spec.Number("priority", int.MinValue, int.MaxValue) ?? 0),
            NamespaceSelector = SelectorReader.Read(spec.Object("namespaceSelector"), problems),
            PodSelector = SelectorReader.Read(spec.Object("podSelector"), problems),
            Injection = spec.Choice<InjectionSwitch>("injection") ?? InjectionSwitch.Enabled,
            Models = new ModelRules(models.List("allow", MostGlobs, Addresses.Models), models.List("deny", MostGlobs, Addresses.Models)),
            Strategy = strategy,
            AllowedStrategies = allowed.Count > 0 ? allowed : [strategy],
            Volumes = VolumeReader.Read(spec, problems),
            Isolation = spec.Choice<Isolation>("isolation") ?? Isolation.Namespace,
            Sources = SourceReader.Rules(spec),
            HubEndpoint = spec.Object("hub").Parse("endpoint", Addresses.Web),
            S3 = SourceReader.S3(spec.Object("s3")),
            CredentialsSecret = SourceReader.Secret(spec.Object("credentials")),
            CaBundle = SourceReader.Authorities(spec.Object("caBundle")),
            Proxy = SourceReader.Proxy(spec.Object("proxy")),
            Offline = spec.Switch("offline") ?? false,
            MountPath = spec.Parse("mountPath", CachePath) ?? CacheLayout.DefaultMountPath,
            LazyPath = spec.Parse("lazyPath", LazyPath.Parse) ?? LazyPath.Default,
            NodePlacement = spec.Choice<NodePlacement>("nodePlacement") ?? NodePlacement.Preferred,
            Fetcher = FetcherReader.Read(spec.Object("fetcher"), problems),
        };
        PolicyRules.Check(policy, problems);
        return policy;
    }

    private static Parsed<string> CachePath(string text)
    {
        string[] taken = ["/proc", "/sys", "/dev", ViewLayout.DefaultMountPath];
        if (!text.StartsWith('/') || text == "/" || MountPath.Normalise(text) != text || text.AsSpan().ContainsAny(':', '\0'))
            return Parsed<string>.Wrong($"is {Quoted.Text(text)}; write an absolute path such as {CacheLayout.DefaultMountPath}.");
        return Array.Find(taken, path => MountPath.Touches(path, text)) is { } where
            ? Parsed<string>.Wrong($"is {Quoted.Text(text)}, and {where} is taken; write another path such as {CacheLayout.DefaultMountPath}.")
            : text;
    }
}
