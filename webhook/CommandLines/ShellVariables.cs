namespace Stevedore.Webhook.CommandLines;

/// <summary>The variables that a shell script sees: what it has set so far, above the container's environment.</summary>
/// <param name="environment">The container's environment, or the variables of the shell that started this one.</param>
/// <param name="positional">The words behind the script: <c>$0</c>, <c>$1</c>, ….</param>
internal sealed class ShellVariables(IVariables environment, IReadOnlyList<Word> positional) : IVariables
{
    private readonly Dictionary<string, VariableValue> _set = [];

    /// <summary><c>$1</c> and those behind it: what <c>$@</c> stands for.</summary>
    public IEnumerable<Word> Arguments => positional.Skip(1);

    /// <inheritdoc/>
    public VariableValue this[string name]
    {
        get
        {
            if (_set.TryGetValue(name, out var value))
                return value;
            if (name.Length is 0 or > 3 || !name.All(char.IsAsciiDigit))
                return environment[name];
            var index = int.Parse(name);
            return index >= positional.Count ? VariableValue.Known("")
                : positional[index].IsKnown ? VariableValue.Known(positional[index].Text)
                : VariableValue.Unknown;
        }
    }

    /// <summary>What <c>NAME=value</c> does.</summary>
    public void Set(string name, Word value) => _set[name] = value.IsKnown ? VariableValue.Known(value.Text) : VariableValue.Unknown;
}
