namespace Stevedore.Webhook.Policies;

/// <summary>A Kubernetes label selector: every requirement must hold.</summary>
/// <param name="Requirements">In the order in which they were written, <c>matchLabels</c> first.</param>
internal sealed record LabelSelector(IReadOnlyList<LabelRequirement> Requirements)
{
    /// <summary>The label that Kubernetes gives to every namespace: its name.</summary>
    public const string NamespaceName = "kubernetes.io/metadata.name";

    /// <summary>Selects whatever there is: what an empty or absent selector means in a policy.</summary>
    public static readonly LabelSelector Everything = new([]);

    /// <summary>Whether something with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Holds(labels))
                return false;
        }

        return true;
    }
}

/// <summary>One requirement.</summary>
/// <param name="Key">The label.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">With what; empty where only its presence counts.</param>
internal sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>As the API server decides: <c>NotIn</c> also holds where the label is absent.</summary>
    public bool Holds(IReadOnlyDictionary<string, string> labels) => labels.TryGetValue(Key, out var value)
        ? Operator switch
        {
            LabelOperator.In => Values.Contains(value),
            LabelOperator.NotIn => !Values.Contains(value),
            _ => Operator == LabelOperator.Exists,
        }
        : Operator is LabelOperator.NotIn or LabelOperator.DoesNotExist;
}

/// <summary>How a requirement compares.</summary>
internal enum LabelOperator
{
    /// <summary>The label has one of the values.</summary>
    In,

    /// <summary>The label has none of the values, or is absent.</summary>
    NotIn,

    /// <summary>The label is there.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,
}
