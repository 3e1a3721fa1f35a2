namespace Stevedore.Webhook.Policies;

/// <summary>Where the policies in force come from: nowhere, a file, or the cluster.</summary>
internal interface IPolicySource
{
    /// <summary>The policies of this moment; a decision takes them once and uses them to its end.</summary>
    PolicySet Current { get; }
}

/// <summary>Policies that stay as they are.</summary>
/// <param name="Current">The policies.</param>
internal sealed record FixedPolicies(PolicySet Current) : IPolicySource;
