
namespace Stevedore.HubFixture.Wire;

/// <summary>Which status, validator and bytes answer a request for content: RFC 9110's rules, and then the distortion.</summary>
internal sealed record ReplyPlan(int Status, string ETag, long Start, long Count, string? ContentRange, bool Gzip)
{
    public static ReplyPlan For(ContentAnswer answer, HttpRequest request, Distortion distortion)
    {
        var length = answer.Content.Length;
        var etag = answer.ETag.Insert(answer.ETag.Length - 1, distortion.ETagSuffix ?? "");
        if (!distortion.IgnorePreconditions)
        {
            if (request.Headers.IfMatch is [{ } wanted] && wanted != "*" && !Names(wanted, etag))
                return new(412, etag, 0, 0, null, false);
            if (request.Headers.IfNoneMatch is [{ } known] && Names(known, etag))
                return new(304, etag, 0, 0, null, false);
        }

        if (distortion.GzipAnyway || (answer.GzipWhereAccepted && AcceptsGzip(request)))
            return new(200, $"W/{etag}", 0, length, null, true);

        var stale = !distortion.IgnorePreconditions && request.Headers.IfRange is [{ } validator] && validator != etag;
        var range = answer.Ranges && !stale && !distortion.IgnoreRange
            ? RequestedRange.Parse(request.Headers.Range, length)
            : null;
        return range switch
        {
            null => new(200, etag, 0, length, null, false),
            { Count: 0 } => new(416, etag, 0, 0, $"bytes */{length + distortion.TotalShift}", false),
            var (start, count) => new(206, etag, start, count, Describe(start, count), false),
        };

        string Describe(long start, long count)
        {
            var shifted = start + distortion.StartShift;
            return $"bytes {shifted}-{shifted + count - 1}/{length + distortion.TotalShift}";
        }
    }

    private static bool Names(string header, string etag) => header.Split(',', StringSplitOptions.TrimEntries).Contains(etag);

    private static bool AcceptsGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(coding => (coding.Value == "gzip" || coding.Value == "*") && coding.Quality is not 0);
}
