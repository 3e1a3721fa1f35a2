using System.Text;

namespace Stevedore.Contract.Layout;

/// <summary>
/// Makes folder names of parts that somebody else chose: what is safe stays as it is, so that people find their models, and the rest is
/// percent-encoded with the percent sign itself, so that different parts never share a name.
/// </summary>
internal static class FolderName
{
    /// <summary>Ends the folder of a single file, which may be called as a directory beside it is; no encoded name ends like this.</summary>
    public const string SingleFile = "%file";

    /// <summary>A relative path that begins with <paramref name="start"/> and can't leave it.</summary>
    public static string Join(string start, IEnumerable<string> parts) => string.Join('/', parts.Select(Of).Prepend(start));

    private static string Of(string part)
    {
        if (part is "." or "..")
            return part.Replace(".", "%2E", StringComparison.Ordinal);
        var name = new StringBuilder(part.Length);
        foreach (var c in part)
        {
            // An @ in front marks the records of a version.
            var isSafe = c is not ('%' or '/' or '\\') && !char.IsControl(c) && !(c == '@' && name.Length == 0);
            name.Append(isSafe ? c.ToString() : $"%{(int)c:X2}");
        }

        return name.ToString();
    }
}
