using System.Diagnostics.CodeAnalysis;

namespace Stevedore.Contract;

/// <summary>What parsing gives: a value, or one sentence that says what is wrong and shows a valid form.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly record struct Parsed<T>
    where T : notnull
{
    private Parsed(T? value, string? error)
    {
        Value = value;
        Error = error;
    }

    /// <summary>The value; null when <see cref="Error"/> is set.</summary>
    public T? Value { get; }

    /// <summary>The sentence for the person who wrote the text; null when parsing succeeded.</summary>
    public string? Error { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsValid => Error is null;

    /// <summary>A success.</summary>
    public static implicit operator Parsed<T>(T value) => new(value, null);

    /// <summary>A failure with its sentence.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Reads as Parsed<T>.Wrong(sentence) at every call.")]
    public static Parsed<T> Wrong(string sentence) => new(default, sentence);

    /// <summary>The value, or a <see cref="FormatException"/> with the sentence.</summary>
    public T OrThrow() => IsValid ? Value : throw new FormatException(Error);
}
