namespace Stevedore.Webhook.Policies;

/// <summary>Where the policies in force come from: nowhere, a file, or the cluster.</summary>
internal interface IPolicySource
{
    /// <summary>The policies of this moment; a decision takes them once and uses them to its end.</summary>
    /// <exception cref="InvalidOperationException">They are not known yet.</exception>
    PolicySet Current { get; }

    /// <summary>How many there are, for the metrics.</summary>
    PolicyCounts Counts { get; }
}

/// <summary>How many policies there are.</summary>
/// <param name="InForce">Those that decisions are made by.</param>
/// <param name="Refused">Those, or files of them, whose present content is wrong and not in force.</param>
internal readonly record struct PolicyCounts(int InForce, int Refused);

/// <summary>Policies that stay as they are.</summary>
/// <param name="Current">The policies.</param>
internal sealed record FixedPolicies(PolicySet Current) : IPolicySource
{
    /// <inheritdoc/>
    public PolicyCounts Counts => new(Current.Ranked.Count, 0);
}
