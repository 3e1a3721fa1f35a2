using System.Net;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>What a successful answer to a request for content gives, checked against what was asked for.</summary>
/// <param name="From">The body's first byte within the file.</param>
/// <param name="Promised">Bytes of the body that are of use.</param>
/// <param name="Missing">Bytes that were asked for and that the answer says it leaves out.</param>
/// <param name="TellsNoLength">Whether only the body's end tells that it is as long as the file was.</param>
internal readonly record struct ContentAnswer(long From, long Promised, long Missing, bool TellsNoLength = false)
{
    /// <summary>Checks a 200 or 206.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="asked">The bytes wanted.</param>
    /// <param name="size">The file's size as the manifest has it.</param>
    /// <param name="validator">What the answer's ETag or Last-Modified must be; null where nothing is known yet.</param>
    /// <exception cref="TransferException">The file is another one, or the answer is not what was asked for.</exception>
    public static ContentAnswer Of(WebAnswer answer, ByteSpan asked, long size, Validator? validator)
    {
        if (answer.Header("Content-Encoding") is { } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            var sentence = $"{answer.Who} sends the file in the encoding \"{encoding}\" although it was asked not to; switch compression off there.";
            throw new TransferException(TransferFault.Final, sentence, final: new FetchException(ExitCode.WrongContent, sentence));
        }

        if (validator?.Contradicts(answer) == true)
            throw Changed(answer, "sends another version of the file than before (its ETag or date is another)");
        return answer.Status == HttpStatusCode.PartialContent ? Partial(answer, asked, size) : Whole(answer, size);
    }

    private static ContentAnswer Partial(WebAnswer answer, ByteSpan asked, long size)
    {
        var range = answer.Response.Content.Headers.ContentRange;
        if (range is not { Unit: "bytes", HasRange: true })
            throw Odd(answer, "answered 206 without saying which bytes it sends");
        // Its body is heads and boundaries between the bytes, whatever range its own head names (RFC 9110, 15.3.7.2).
        if (answer.Response.Content.Headers.ContentType?.MediaType is { } type && type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            throw Odd(answer, "answered one range with several parts");
        if (range.Length is { } total && total != size)
            throw Changed(answer, $"has the file with {total} bytes, not {size}");
        if (range.From != asked.From)
            throw Odd(answer, $"sent bytes from {range.From} when asked for bytes from {asked.From}");

        var end = Math.Min(range.To!.Value, asked.To - 1) + 1;
        if (answer.Response.Content.Headers.ContentLength is { } length && length < end - asked.From)
            throw Odd(answer, $"announced {length} bytes for a range of {end - asked.From}");
        return new ContentAnswer(asked.From, end - asked.From, asked.To - end);
    }

    private static ContentAnswer Whole(WebAnswer answer, long size) =>
        answer.Response.Content.Headers.ContentLength is { } length && length != size
            ? throw Changed(answer, $"has the file with {length} bytes, not {size}")
            : new ContentAnswer(0, size, 0, answer.Response.Content.Headers.ContentLength is null);

    private static TransferException Changed(WebAnswer answer, string what) => new(TransferFault.Changed, $"{answer.Who} {what}.");

    private static TransferException Odd(WebAnswer answer, string what) => new(TransferFault.Transient, $"{answer.Who} {what}.");
}
