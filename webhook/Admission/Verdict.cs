namespace Stevedore.Webhook.Admission;

/// <summary>What became of a review: the answer, and what logs and metrics say of it.</summary>
/// <param name="Response">The answer; null where there is none, and the HTTP status alone must speak.</param>
/// <param name="Outcome">One of the few words below.</param>
/// <param name="Reason">One of the enumerated reasons, or <c>None</c>.</param>
internal sealed record Verdict(AdmissionResponse? Response, string Outcome, string Reason)
{
    /// <summary>Something broke inside.</summary>
    public const string Failed = "Failed";

    /// <summary>It was no review: a 4xx.</summary>
    public const string Refused = "Refused";

    /// <summary>The reason that needs no explanation.</summary>
    public const string None = "None";
}
