using System.Text;
using System.Text.Json;
using Stevedore.HubFixture.Content;

namespace Stevedore.HubFixture.Wire;

/// <summary>What a server decided to answer, before any fault distorts it.</summary>
internal abstract record Answer
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>A short answer: a listing, a redirect, an error.</summary>
internal sealed record ShortAnswer(int Status, byte[] Body, string ContentType = "text/plain; charset=utf-8") : Answer
{
    public static ShortAnswer Text(int status, string text) => new(status, Encoding.UTF8.GetBytes(text));

    public static ShortAnswer Json(object value) => new(200, JsonSerializer.SerializeToUtf8Bytes(value), "application/json; charset=utf-8");

    public static ShortAnswer Redirect(int status, string location, IEnumerable<KeyValuePair<string, string>>? headers = null) =>
        Text(status, $"Redirecting to {location}") with { Headers = [new("Location", location), .. headers ?? []] };
}

/// <summary>A file's content.</summary>
/// <param name="Content">The bytes.</param>
/// <param name="ETag">With its quotes.</param>
internal sealed record ContentAnswer(IContent Content, string ETag) : Answer
{
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>Whether parts may be asked for.</summary>
    public bool Ranges { get; init; } = true;

    /// <summary>Compresses where the client allows it: then whole, chunked and with a weak ETag, as the Hub does with text.</summary>
    public bool GzipWhereAccepted { get; init; }

    /// <summary>A last look after the faults had their say; what it returns is answered instead.</summary>
    public Func<ShortAnswer?>? Guard { get; init; }
}
