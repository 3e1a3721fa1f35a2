using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Stevedore.Fetcher.Publishing;

/// <summary>
/// Reads the cache's own small files as what they must be: regular files that lie there themselves, of bearable length. Whatever else lies in their place
/// (a symbolic link, a pipe that nobody writes to, a folder, gigabytes) counts as no file.
/// </summary>
internal static class PlainFile
{
    /// <summary>Room for the record of a repository with a few hundred thousand files.</summary>
    public const int LongestRecord = 128 << 20;

    /// <summary>The whole content; null where there is none to be had.</summary>
    public static byte[]? TryRead(string path, int longest = LongestRecord)
    {
        try
        {
            using var file = Libc.OpenPlain(path);
            if (file is null || RandomAccess.GetLength(file) is var length && length > longest)
                return null;
            var content = new byte[length];
            var read = 0;
            while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is > 0 and var more)
                read += more;
            return read == content.Length ? content : content[..read];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The value that a file holds as JSON; null where it holds none.</summary>
    public static T? TryRead<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return TryRead(path) is { } content ? JsonSerializer.Deserialize(content, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
