namespace Stevedore.Webhook.CommandLines;

/// <summary>What is known of a variable before the container runs.</summary>
/// <param name="State">Whether the value is known.</param>
/// <param name="Value">The value; empty unless known.</param>
internal readonly record struct VariableValue(VariableState State, string Value = "")
{
    /// <summary>Nothing sets it, as far as the pod says; the image may.</summary>
    public static readonly VariableValue Unset = new(VariableState.Unset);

    /// <summary>Something sets it, to a value that the pod does not show.</summary>
    public static readonly VariableValue Unknown = new(VariableState.Unknown);

    /// <summary>A value that the pod shows.</summary>
    public static VariableValue Known(string value) => new(VariableState.Known, value);
}

/// <summary>See <see cref="VariableValue"/>.</summary>
internal enum VariableState
{
    /// <summary><see cref="VariableValue.Unset"/>.</summary>
    Unset,

    /// <summary><see cref="VariableValue.Unknown"/>.</summary>
    Unknown,

    /// <summary><see cref="VariableValue.Known"/>.</summary>
    Known,
}

/// <summary>Where expansions look variables up.</summary>
internal interface IVariables
{
    /// <summary>What is known of the variable.</summary>
    VariableValue this[string name] { get; }
}
