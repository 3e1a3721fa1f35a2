using System.Net;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A directory on a web server, or a file's own address, and the questions that can be put to it.</summary>
/// <param name="reference">What the person wrote.</param>
/// <param name="authorization">The value of <c>Authorization</c> for its host; null for none.</param>
/// <param name="calls">Asks.</param>
internal sealed class WebPlace(HttpReference reference, string? authorization, WebCalls calls)
{
    private const int QuestionsAtOnce = 8;

    // What a server that tells no size may send before it is told off: configurations and tokenizers, and no weights twice.
    private const long MostCounted = 64L << 20;

    /// <summary>For sentences.</summary>
    public string Name => WebAddress.Shown(reference.Address);

    /// <summary>The file's address.</summary>
    /// <param name="path">Relative and not encoded; empty for the place itself.</param>
    public WebQuestion Question(string path) => new(path.Length == 0 ? reference.Address : new Uri(reference.Address.AbsoluteUri + WebAddress.Encoded(path)))
    {
        Authorization = authorization,
    };

    /// <summary>Reads a short file; what <paramref name="read"/> gives where there is one, else null.</summary>
    /// <exception cref="FetchException">77: the server wants a credential.</exception>
    public Task<T?> ReadAsync<T>(
        string path, Patience patience, Func<WebAnswer, Stream, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
        where T : class =>
        calls.AskAsync(
            Question(path),
            patience,
            (answer, body, stop) => answer.Status switch
            {
                HttpStatusCode.OK => read(answer, body, stop),
                // Stores that may not be listed say 403 for what they don't have.
                HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden => Task.FromResult<T?>(null),
                _ => throw WebRefusal.Explain(reference, answer),
            },
            cancellationToken);

    /// <summary>Asks for many files' sizes, several at once.</summary>
    public async Task<IReadOnlyList<WebProbe>> ProbeAsync(IReadOnlyList<string> paths, Patience patience, CancellationToken cancellationToken)
    {
        var probes = new WebProbe[paths.Count];
        await Parallel.ForAsync(
            0,
            paths.Count,
            new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken },
            async (i, stop) => probes[i] = await ProbeAsync(paths[i], patience, stop));
        return probes;
    }

    /// <summary>Asks whether a file is there and how long it is: by HEAD, by a range of one byte where HEAD does not tell, and by counting where nobody tells.</summary>
    public async Task<WebProbe> ProbeAsync(string path, Patience patience, CancellationToken cancellationToken)
    {
        var head = Question(path) with { Method = HttpMethod.Head };
        return await calls.AskAsync(head, patience, (answer, _, _) => Task.FromResult(WebProbe.OfHead(path, answer)), cancellationToken)
            ?? await calls.AskAsync(
                Question(path) with { Range = new ByteSpan(0, 1) },
                patience,
                (answer, _, _) => Task.FromResult(WebProbe.OfRange(path, answer, reference)),
                cancellationToken)
            ?? await calls.AskAsync(
                Question(path),
                patience,
                async (answer, body, stop) => answer.Status == HttpStatusCode.OK
                    ? WebProbe.OfBody(path, answer, await CountAsync(body, answer.Who, stop))
                    : throw WebRefusal.Explain(reference, answer),
                cancellationToken);
    }

    private static async Task<long> CountAsync(Stream body, string who, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        for (var count = 0L; count <= MostCounted;)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                return count;
            count += read;
        }

        throw new FetchException(
            ExitCode.WrongContent, $"{who} does not tell how long it is, and has more than {MostCounted >> 20} MiB; use a server that sends Content-Length.");
    }
}

/// <summary>What a server says of one file.</summary>
/// <param name="Path">Which.</param>
/// <param name="Status">What it answered.</param>
/// <param name="Size">Bytes; null where the file is not there.</param>
/// <param name="Validator">What tells its content from another of this size, if the server says so.</param>
/// <param name="IsPage">Whether it is a web page, such as some servers send for whatever they don't have.</param>
internal sealed record WebProbe(string Path, HttpStatusCode Status, long? Size, Validator? Validator, bool IsPage)
{
    /// <summary>A file without a digest.</summary>
    public ManifestFile ToFile() => new(Path, Size!.Value, null, Validator?.Text);

    /// <summary>What HEAD told; null where it has to be asked otherwise.</summary>
    public static WebProbe? OfHead(string path, WebAnswer answer) => answer.Status switch
    {
        HttpStatusCode.OK when !IsEncoded(answer) && answer.Response.Content.Headers.ContentLength is { } size => Found(path, answer, size),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => Absent(path, answer),
        _ => null,
    };

    /// <summary>What a range of one byte told; null where the size is not in it.</summary>
    /// <exception cref="FetchException">The server wants a credential, or compresses against our wish.</exception>
    public static WebProbe? OfRange(string path, WebAnswer answer, HttpReference reference)
    {
        var headers = answer.Response.Content.Headers;
        return answer.Status switch
        {
            _ when IsEncoded(answer) => throw new FetchException(
                ExitCode.WrongContent, $"{answer.Who} is only sent compressed, although it was asked not to be; switch compression off there."),
            HttpStatusCode.PartialContent when headers.ContentRange?.Length is { } size => Found(path, answer, size),
            HttpStatusCode.RequestedRangeNotSatisfiable when headers.ContentRange?.Length is 0 => Found(path, answer, 0),
            HttpStatusCode.OK when headers.ContentLength is { } size => Found(path, answer, size),
            HttpStatusCode.OK or HttpStatusCode.PartialContent => null,
            HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden => Absent(path, answer),
            _ => throw WebRefusal.Explain(reference, answer),
        };
    }

    /// <summary>What reading the whole file told.</summary>
    public static WebProbe OfBody(string path, WebAnswer answer, long size) => Found(path, answer, size);

    private static WebProbe Found(string path, WebAnswer answer, long size) => new(
        path, answer.Status, size, Validator.Of(answer), answer.Response.Content.Headers.ContentType?.MediaType == "text/html");

    private static WebProbe Absent(string path, WebAnswer answer) => new(path, answer.Status, null, null, false);

    private static bool IsEncoded(WebAnswer answer) =>
        answer.Header("Content-Encoding") is { } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
