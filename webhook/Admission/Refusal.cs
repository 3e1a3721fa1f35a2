namespace Stevedore.Webhook.Admission;

/// <summary>A request that is no review: answered with a 4xx and one sentence, and logged once.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">One word for the metrics.</param>
/// <param name="Sentence">For whoever sent it.</param>
internal sealed record Refusal(int Status, string Reason, string Sentence)
{
    public static Refusal Method(string method) => new(
        StatusCodes.Status405MethodNotAllowed, "WrongMethod", $"A review is sent with POST, not with {Shown(method)}.");

    public static Refusal ContentType(string? type) => new(
        StatusCodes.Status415UnsupportedMediaType, "WrongContentType", $"A review is sent as application/json, not as {Shown(type)}.");

    public static Refusal TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge, "TooLarge", $"A review is at most {limit / 1024 / 1024} MiB long; the API server sends no larger object.");

    public static Refusal TooSlow() => new(
        StatusCodes.Status408RequestTimeout, "TooSlow", "The review did not arrive whole within the time that the caller itself allowed.");

    public static Refusal Json(string where) => new(
        StatusCodes.Status400BadRequest, "NotJson", $"The body is not the JSON of an AdmissionReview: it goes wrong {where}.");

    public static Refusal NotAReview(string? apiVersion, string? kind) => new(
        StatusCodes.Status400BadRequest,
        "WrongKind",
        $"The body is {Shown(kind)} of {Shown(apiVersion)}; this webhook answers {AdmissionReview.KindName} of {AdmissionReview.Version} (admissionReviewVersions: [v1]).");

    public static Refusal Incomplete(string what) => new(
        StatusCodes.Status400BadRequest, "Incomplete", $"The AdmissionReview has no {what}.");

    public static Refusal Stranger() => new(
        StatusCodes.Status403Forbidden, "NoClientCertificate", "Reviews are taken from clients with a certificate of the authorities in --client-ca only; this one sent none.");

    public static Refusal Http(int status) => new(status, "BadRequest", "The request breaks the rules of HTTP, or its body ended early.");

    /// <summary>A stranger's text on its way to a log line or an answer: short, and on one line.</summary>
    private static string Shown(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "nothing";
        var line = string.Concat(text.Take(100).Select(c => char.IsControl(c) ? ' ' : c));
        return $"\"{line}\"";
    }
}
