using System.Text.Json;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Admission;

/// <summary>Decides on one pod; <see cref="PodInjector.Answer"/> in the program.</summary>
internal delegate PodAnswer PodDecision(PodRequest request);

/// <summary>The admission flow around the injection: a request in, an answer out. Pure, but for what a broken decision throws.</summary>
internal sealed class Reviewer(PodDecision decide)
{
    /// <summary>Whether there is anything to decide on.</summary>
    public static bool IsNewPod(AdmissionRequest request) =>
        request is { Operation: "CREATE", Resource: { Group: "" or null, Version: "v1", Resource: "pods" }, SubResource: null or "" }
        && request.Object.ValueKind == JsonValueKind.Object;

    /// <summary>Lets pass what is none.</summary>
    public static Verdict NotANewPod(AdmissionRequest request) => new(
        new AdmissionResponse { Uid = request.Uid!, Allowed = true, AuditAnnotations = Audit(nameof(PodOutcome.Skipped), nameof(SkipReason.NotANewPod)) },
        nameof(PodOutcome.Skipped),
        nameof(SkipReason.NotANewPod));

    /// <summary>Answers a request about a new pod.</summary>
    public Verdict Review(Door door, AdmissionRequest request, IReadOnlyDictionary<string, string> namespaceLabels)
    {
        var answer = decide(new PodRequest(door, request.Object, request.Namespace ?? "", namespaceLabels));
        var changes = !answer.Patch.IsEmpty && !answer.Patch.Span.SequenceEqual("[]"u8);
        var response = new AdmissionResponse
        {
            Uid = request.Uid!,
            Allowed = answer.Outcome != PodOutcome.Denied,
            Status = answer.Outcome == PodOutcome.Denied
                ? new AdmissionStatus(StatusCodes.Status403Forbidden, answer.Reason, answer.Message ?? answer.Reason)
                : null,
            PatchType = changes ? "JSONPatch" : null,
            Patch = changes ? answer.Patch : (ReadOnlyMemory<byte>?)null,
            Warnings = answer.Warnings.Count == 0 ? null : answer.Warnings,
            AuditAnnotations = Audit(answer),
        };
        return new Verdict(response, answer.Outcome.ToString(), answer.Reason);
    }

    /// <summary>
    /// What to say when deciding broke. The explicit door denies, because this pod's user counts on the model; the detected one leaves it to
    /// the API server's failure policy, which an answer would override.
    /// </summary>
    public static Verdict Broken(Door door, AdmissionRequest request)
    {
        const string Reason = "InternalError";
        if (door == Door.Detected)
            return new Verdict(null, Verdict.Failed, Reason);
        var message = $"Stevedore failed on this pod; its log says why under the request's uid {request.Uid}.";
        var response = new AdmissionResponse
        {
            Uid = request.Uid!,
            Allowed = false,
            Status = new AdmissionStatus(StatusCodes.Status500InternalServerError, Reason, message),
            AuditAnnotations = Audit(Verdict.Failed, Reason),
        };
        return new Verdict(response, Verdict.Failed, Reason);
    }

    private static Dictionary<string, string> Audit(PodAnswer answer)
    {
        var audit = Audit(answer.Outcome.ToString(), answer.Reason);
        if (answer.Policy is { } policy)
            audit["policy"] = policy;
        if (answer.Strategy is { } strategy)
            audit["strategy"] = strategy.ToString();
        return audit;
    }

    private static Dictionary<string, string> Audit(string outcome, string reason) => new(4) { ["outcome"] = outcome, ["reason"] = reason };
}
