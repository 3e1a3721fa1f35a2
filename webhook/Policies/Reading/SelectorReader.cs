using Stevedore.Contract;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>Reads a LabelSelector, by the rules of the API server (apimachinery's <c>ValidateLabelSelector</c>).</summary>
internal static class SelectorReader
{
    private const int MostRequirements = 32;
    private const int MostValues = 64;

    /// <summary>Reads it; absent or empty selects everything.</summary>
    public static LabelSelector Read(Fields selector, PolicyProblems problems)
    {
        var requirements = new List<LabelRequirement>();
        foreach (var (key, value, at) in selector.Map("matchLabels"))
        {
            if (IsRight(KubernetesNames.LabelKey(key), at, problems) && IsRight(KubernetesNames.LabelValue(value), at, problems))
                requirements.Add(new LabelRequirement(key, LabelOperator.In, [value]));
        }

        requirements.AddRange(selector.Objects("matchExpressions", MostRequirements, (expression, _) => Requirement(expression, problems)));
        return requirements.Count == 0 ? LabelSelector.Everything : new LabelSelector(requirements);
    }

    private static LabelRequirement? Requirement(Fields expression, PolicyProblems problems)
    {
        var key = expression.Required("key", expression.Parse("key", KubernetesNames.LabelKey), "name the label");
        var comparison = expression.Required("operator", expression.Choice<LabelOperator>("operator"), "write In, NotIn, Exists or DoesNotExist");
        var values = expression.List("values", MostValues, KubernetesNames.LabelValue, takesEmpty: true);
        if (comparison is LabelOperator.In or LabelOperator.NotIn && values.Count == 0 && problems.NoneAt($"{expression.Path}.values"))
            expression.Wrong("values", $"is empty, and {comparison} compares with at least one value; write it, or use Exists.");
        if (comparison is LabelOperator.Exists or LabelOperator.DoesNotExist && values.Count > 0)
            expression.Wrong("values", $"is of no use with {comparison}; leave it out, or use In.");
        return key is not null && comparison is { } how ? new LabelRequirement(key, how, values) : null;
    }

    private static bool IsRight(Parsed<string> parsed, string at, PolicyProblems problems)
    {
        if (!parsed.IsValid)
            problems.Add(at, parsed.Error);
        return parsed.IsValid;
    }
}
