using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources;

/// <summary>The list that <c>sha256sum</c> writes: a digest and a path a line.</summary>
internal static class Sha256Sums
{
    /// <summary>Where the list lies, at the root of what it lists.</summary>
    public const string FileName = "SHA256SUMS";

    // A hundred thousand files with long names; more is no model.
    private const int Longest = 16 << 20;

    /// <summary>Reads a list; null where the text is a web page, which some servers send for whatever they don't have.</summary>
    /// <param name="content">The list's bytes.</param>
    /// <param name="where">Whose list it is, for a sentence.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Digests by path, sorted by path.</returns>
    /// <exception cref="FetchException">65: it is no such list, or it contradicts itself.</exception>
    public static async Task<SortedDictionary<string, ContentDigest>?> ReadAsync(Stream content, string where, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > Longest)
                throw Wrong($"{where} is longer than {Longest >> 20} MiB");
        }

        var text = Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF');
        return text.TrimStart().StartsWith('<') ? null : Parse(text, where);
    }

    /// <summary>Reads the text of a list.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static SortedDictionary<string, ContentDigest> Parse(string text, string where)
    {
        var digests = new SortedDictionary<string, ContentDigest>(StringComparer.Ordinal);
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (ParseLine(line) is not var (path, digest))
                throw Wrong($"Line {number} of {where} is not a SHA-256 digest and a path");
            if (!digests.TryAdd(path, digest) && digests[path] != digest)
                throw Wrong($"{where} lists {path} twice with different digests");
        }

        return digests.Count > 0 ? digests : throw Wrong($"{where} lists nothing");
    }

    private static (string Path, ContentDigest Digest)? ParseLine(string line)
    {
        // GNU coreutils puts a backslash before the line when it had to escape the name.
        var isEscaped = line[0] == '\\';
        if (isEscaped)
            line = line[1..];
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || space + 2 >= line.Length || line[space + 1] is not (' ' or '*'))
            return null;
        var path = line[(space + 2)..];
        if (isEscaped)
            path = Unescaped(path);
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        return path.Length > 0 && ContentDigest.TryCreate(DigestAlgorithm.Sha256, line[..space]) is { } digest ? (path, digest) : null;
    }

    private static string Unescaped(string path)
    {
        var text = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            text.Append((path[i], i + 1 < path.Length ? path[i + 1] : '\0') switch
            {
                ('\\', 'n') => '\n',
                ('\\', 'r') => '\r',
                (var c, _) => c,
            });
            if (path[i] == '\\')
                i++;
        }

        return text.ToString();
    }

    private static FetchException Wrong(string what) => new(ExitCode.WrongContent, $"{what}; write it with sha256sum, such as \"sha256sum *.safetensors *.json > {FileName}\".");
}
