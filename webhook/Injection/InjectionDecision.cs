using System.Diagnostics.CodeAnalysis;

namespace Stevedore.Webhook.Injection;

/// <summary>What is to become of a pod.</summary>
internal abstract record InjectionDecision
{
    private InjectionDecision()
    {
    }

    /// <summary>The pod stays as it is.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Sentence">Why, for a person.</param>
    /// <param name="IsWorthAWarning">Whether somebody expected otherwise.</param>
    internal sealed record Skip(SkipReason Reason, string Sentence, bool IsWorthAWarning) : InjectionDecision;

    /// <summary>The pod can't have what it asks for: refused at the explicit door, skipped with a warning at the detected one.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Sentence">What, where, and how to mend it.</param>
    internal sealed record Deny(DenyReason Reason, string Sentence) : InjectionDecision;

    /// <summary>The pod gets what the plan says, as far as it is not there yet.</summary>
    /// <param name="Plan">What the pod shall have.</param>
    /// <param name="Existing">What it has already.</param>
    /// <param name="Annotations">Our annotations that it has already.</param>
    internal sealed record Inject(InjectionPlan Plan, ExistingInjection Existing, IReadOnlyDictionary<string, string> Annotations) : InjectionDecision;
}

/// <summary>What a step of the flow gives: a value to go on with, or the decision that ends it.</summary>
/// <param name="Value">Null when <paramref name="Stop"/> is set.</param>
/// <param name="Stop">The decision.</param>
internal readonly record struct Step<T>(T? Value, InjectionDecision? Stop)
    where T : class
{
    /// <summary>Goes on.</summary>
    public static implicit operator Step<T>(T value) => new(value, null);

    /// <summary>Ends.</summary>
    public static implicit operator Step<T>(InjectionDecision stop) => new(null, stop);

    /// <summary>Whether the flow goes on, and with what.</summary>
    public bool Continues([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out InjectionDecision? stop)
    {
        (value, stop) = (Value, Stop);
        return stop is null;
    }
}
