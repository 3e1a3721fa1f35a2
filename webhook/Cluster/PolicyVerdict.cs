using System.Text.Json;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Policies.Reading;

namespace Stevedore.Webhook.Cluster;

/// <summary>What was made of one generation of a policy object, and what the object itself says of that.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Uid">Tells it from a later object of that name.</param>
/// <param name="Version">The resource version that was judged.</param>
/// <param name="Generation">The generation that was judged.</param>
/// <param name="InForce">The policy that decisions are made by: of this generation, or of the last that was valid; null for none.</param>
/// <param name="Problems">All that is wrong with this generation.</param>
/// <param name="Told">What its status says now.</param>
internal sealed record PolicyVerdict(
    string Name, string Uid, string Version, long Generation, InjectionPolicy? InForce, IReadOnlyList<PolicyProblem> Problems, PolicyStatus Told)
{
    private const int LongestMessage = 4000;

    /// <summary>Whether this generation is in force.</summary>
    public bool IsValid => Problems.Count == 0;

    /// <summary>Whether the status says something else, or nothing. Only what all replicas see alike is compared.</summary>
    public bool IsUntold => Told.Generation != Generation || Told.Status != Wanted.Status || Told.Reason != Wanted.Reason;

    /// <summary>What the status should say.</summary>
    public PolicyStatus Wanted => IsValid
        ? new PolicyStatus(Generation, "True", "Valid", "This generation is in force.", null)
        : new PolicyStatus(Generation, "False", "Invalid", Injection.Sentence.Tidy($"{Instead}: {string.Join(" ", Problems)}", LongestMessage), null);

    private string Instead => InForce is null ? "This generation is not in force" : $"This generation is not in force, and generation {InForce.Generation} stays";

    /// <summary>Judges an object. What was in force before stays where this generation is no good and it is still the same object.</summary>
    public static PolicyVerdict Of(ClusterObject<JsonElement> found, PolicyVerdict? before)
    {
        var metadata = JsonShape.Object(found.Value, "metadata");
        var uid = JsonShape.Text(metadata, "uid") ?? "";
        var generation = JsonShape.Member(metadata, "generation") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;
        // Most events about a policy are about its status.
        if (before is not null && before.Uid == uid && before.Generation == generation)
            return before with { Version = found.Version, Told = PolicyStatus.Read(found.Value) };
        var read = PolicyReader.Read(found.Value);
        return new PolicyVerdict(
            found.Name, uid, found.Version, generation, read.Policy ?? (before?.Uid == uid ? before.InForce : null), read.Problems, PolicyStatus.Read(found.Value));
    }
}

/// <summary>The Ready condition of a policy object.</summary>
/// <param name="Generation">The generation that it is about; null for no status.</param>
/// <param name="Status"><c>True</c> or <c>False</c>.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">For a person.</param>
/// <param name="Since">When the status last changed.</param>
internal sealed record PolicyStatus(long? Generation, string? Status, string? Reason, string? Message, string? Since)
{
    /// <summary>The type of the one condition.</summary>
    public const string Condition = "Ready";

    /// <summary>Reads it from an object.</summary>
    public static PolicyStatus Read(JsonElement policy)
    {
        var status = JsonShape.Object(policy, "status");
        long? generation = JsonShape.Member(status, "observedGeneration") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;
        var conditions = JsonShape.Member(status, "conditions") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;
        var ready = conditions.FirstOrDefault(condition => JsonShape.Text(condition, "type") == Condition);
        return new PolicyStatus(
            generation, JsonShape.Text(ready, "status"), JsonShape.Text(ready, "reason"), JsonShape.Text(ready, "message"), JsonShape.Text(ready, "lastTransitionTime"));
    }
}
