namespace Stevedore.Fetcher.Commands;

/// <summary>Options whose value is one of a few words.</summary>
internal static class Choices
{
    /// <summary>The word's meaning, whatever its case.</summary>
    /// <exception cref="FormatException">It is none of the choices; the sentence lists them.</exception>
    public static T Read<T>(string option, string? text, T fallback)
        where T : struct, Enum
    {
        if (text is null)
            return fallback;
        // Enum.TryParse alone would also take numbers and lists.
        if (Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase))
            return Enum.Parse<T>(text, ignoreCase: true);
        throw new FormatException($"{option} is \"{text}\"; use one of {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}.");
    }
}
