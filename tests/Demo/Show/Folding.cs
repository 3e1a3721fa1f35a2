namespace Stevedore.Demo.Show;

/// <summary>Long texts in lines that fit.</summary>
internal static class Folding
{
    /// <summary>Words, as many as go on each line; a word that is longer than a line is left whole.</summary>
    public static IEnumerable<string> AtSpaces(string text, int width)
    {
        while (text.Length > width)
        {
            var space = text.LastIndexOf(' ', width);
            if (space <= 0)
                space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0)
                break;
            yield return text[..space];
            text = text[(space + 1)..];
        }

        yield return text;
    }

    /// <summary>A line of YAML, cut behind commas where there are some; what follows is indented below it.</summary>
    public static IEnumerable<string> AtCommas(string text, int width)
    {
        const int continuation = 4;
        var indent = new string(' ', text.Length - text.TrimStart(' ').Length + continuation);
        while (text.Length > width && width > 2 * indent.Length)
        {
            var comma = text.LastIndexOf(',', width - 1) + 1;
            var cut = comma > indent.Length ? comma : width;
            yield return text[..cut];
            text = indent + text[cut..];
        }

        yield return text;
    }

    /// <summary>A path without its middle: the longest of a few ways to say it that fits, else its last name.</summary>
    public static string Path(string path, int width)
    {
        var parts = path.Split('/');
        string[] ways = [path, .. Without(4, 2), .. Without(3, 2), .. Without(3, 1), .. Without(0, 2)];
        return ways.FirstOrDefault(way => way.Length <= width) ?? $"…/{parts[^1]}";

        string[] Without(int head, int tail) => parts.Length <= head + tail ? [] : [string.Join('/', [.. parts[..head], "…", .. parts[^tail..]])];
    }
}
