using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Stevedore.Webhook.Admission;

/// <summary>What reading a request gave: something to answer, or the reason to refuse it.</summary>
internal readonly record struct ReviewRead(AdmissionRequest? Request, Refusal? Refusal)
{
    public static implicit operator ReviewRead(Refusal refusal) => new(null, refusal);

    public static implicit operator ReviewRead(AdmissionRequest request) => new(request, null);
}

/// <summary>Bytes in, a request to answer out.</summary>
internal static class ReviewReader
{
    /// <summary>Reads a whole body and checks that it asks something.</summary>
    public static ReviewRead Read(ReadOnlySequence<byte> body)
    {
        // The parser looks at the bytes of a text only when it is asked for it; what is copied into a patch unread would break there.
        if (!IsUtf8(body))
            return Refusal.Json("where its bytes are no UTF-8");
        AdmissionReview? review;
        try
        {
            var reader = new Utf8JsonReader(body);
            review = JsonSerializer.Deserialize(ref reader, AdmissionJson.Default.AdmissionReview);
            if (reader.Read())
                return Refusal.Json("after its end, where more follows");
        }
        catch (JsonException e)
        {
            return Refusal.Json($"at {e.Path ?? "$"} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }

        if (review is not { ApiVersion: AdmissionReview.Version, Kind: AdmissionReview.KindName })
            return Refusal.NotAReview(review?.ApiVersion, review?.Kind);
        if (review.Request is not { } request)
            return Refusal.Incomplete("request");
        if (string.IsNullOrEmpty(request.Uid))
            return Refusal.Incomplete("request.uid");
        return request;
    }

    private static bool IsUtf8(ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
            return Utf8.IsValid(body.FirstSpan);
        var buffer = ArrayPool<byte>.Shared.Rent((int)body.Length);
        body.CopyTo(buffer);
        var valid = Utf8.IsValid(buffer.AsSpan(0, (int)body.Length));
        ArrayPool<byte>.Shared.Return(buffer);
        return valid;
    }
}
