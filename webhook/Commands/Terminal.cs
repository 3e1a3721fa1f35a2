using System.Text;

namespace Stevedore.Webhook.Commands;

/// <summary>Where a command reads and writes: results to the output, everything said to people to the error.</summary>
internal sealed record Terminal(TextReader Input, TextWriter Output, TextWriter Error)
{
    /// <summary>UTF-8 whatever the locale says, and bytes that are none are an error, not question marks.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The process's own.</summary>
    public static Terminal Process { get; } = new(
        new StreamReader(Console.OpenStandardInput(), Utf8),
        new StreamWriter(Console.OpenStandardOutput(), Utf8) { AutoFlush = true },
        Console.Error);

    /// <summary>Says a sentence.</summary>
    public void Tell(string sentence) => Error.WriteLine($"stevedore-webhook: {sentence}");
}
