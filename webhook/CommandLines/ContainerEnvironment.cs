using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// A container's environment as far as the pod shows it, by the kubelet's rules: a value sees the variables above it, the last of two entries
/// wins.
/// </summary>
internal sealed class ContainerEnvironment : IVariables
{
    // No honest value comes near this.
    private const int LongestValue = 64 << 10;

    private readonly Dictionary<string, VariableValue> _values = [];
    private readonly VariableValue _absent;

    /// <summary>Reads the container's <c>env</c>; with an <c>envFrom</c>, what is not there may still be set.</summary>
    public ContainerEnvironment(Container container)
    {
        _absent = container.EnvFrom.Count > 0 ? VariableValue.Unknown : VariableValue.Unset;
        var budget = new ExpansionBudget();
        foreach (var variable in container.Env)
        {
            var value = VariableValue.Unknown;
            if (variable.Value is { } text)
            {
                var word = KubernetesReferences.Expand(text, this, Math.Max(LongestValue, text.Length));
                if (word.IsKnown && budget.TryTake(Math.Max(word.Text.Length - text.Length, 0)))
                    value = VariableValue.Known(word.Text);
            }

            _values[variable.Name] = value;
        }
    }

    /// <inheritdoc/>
    public VariableValue this[string name] => _values.TryGetValue(name, out var value) ? value : _absent;

    /// <summary>Whether <c>env</c> itself sets the variable, to whatever value.</summary>
    public bool Sets(string name) => _values.ContainsKey(name);

    /// <summary>The value that <c>env</c> sets; null where it sets none or a value that the pod does not show.</summary>
    public string? ValueOf(string name) =>
        _values.TryGetValue(name, out var value) && value.State == VariableState.Known ? value.Value : null;
}
