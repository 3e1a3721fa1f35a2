using System.Text;
using Stevedore.Webhook.Policies.Reading;

namespace Stevedore.Webhook.Policies;

/// <summary>Policies of a file. It can be changed at any time; what is wrong is told, and what was in force stays.</summary>
internal sealed class PolicyFile(string path) : IPolicySource
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private volatile PolicySet? _current;
    private volatile bool _isRefused;
    private string? _text;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Whether it was right at least once.</summary>
    public bool IsLoaded => _current is not null;

    /// <inheritdoc/>
    public PolicySet Current => _current ?? PolicySet.Empty;

    /// <inheritdoc/>
    public PolicyCounts Counts => new(Current.Ranked.Count, _isRefused ? 1 : 0);

    /// <summary>Takes the file as it is now into use; gives all that is wrong with it, and then what was in force stays.</summary>
    public IReadOnlyList<string> Load()
    {
        var problems = TryLoad();
        _isRefused = problems.Count > 0;
        return problems;
    }

    private IReadOnlyList<string> TryLoad()
    {
        try
        {
            var text = File.ReadAllText(path, Utf8);
            if (text == _text)
                return [];
            var read = PolicyDocuments.Read(new StringReader(text));
            if (read.Problems.Count > 0)
                return read.Problems;
            (_current, _text) = (new PolicySet(read.Policies), text);
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException and not DecoderFallbackException)
        {
            return [$"It can't be read: {e.Message}"];
        }
        catch (DecoderFallbackException)
        {
            return ["This is not UTF-8 text, as YAML and JSON must be."];
        }
    }
}
