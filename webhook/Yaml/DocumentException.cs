namespace Stevedore.Webhook.Yaml;

/// <summary>A document that can't be read: one sentence that begins with the place, as editors count it (from 1).</summary>
internal sealed class DocumentException(long line, long column, string what, Exception? inner = null)
    : FormatException($"Line {line}, column {column}: {what}", inner)
{
    /// <summary>The line of the problem, counted from 1.</summary>
    public long Line { get; } = line;

    /// <summary>The column of the problem, counted from 1.</summary>
    public long Column { get; } = column;
}
