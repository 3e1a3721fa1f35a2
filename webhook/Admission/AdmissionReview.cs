using System.Text.Json;

namespace Stevedore.Webhook.Admission;

/// <summary>
/// The envelope of <c>admission.k8s.io/v1</c>, both ways. Only what is looked at is here: reading passes over the rest, so a server newer
/// than this program is understood. (k8s.io/api/admission/v1/types.go)
/// </summary>
internal sealed record AdmissionReview
{
    /// <summary>The only version there is, besides the removed v1beta1.</summary>
    public const string Version = "admission.k8s.io/v1";

    /// <summary>The only kind.</summary>
    public const string KindName = "AdmissionReview";

    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public AdmissionRequest? Request { get; init; }

    public AdmissionResponse? Response { get; init; }
}

/// <summary>What the API server asks.</summary>
internal sealed record AdmissionRequest
{
    /// <summary>Names this one call; the answer repeats it.</summary>
    public string? Uid { get; init; }

    public GroupVersionResource? Resource { get; init; }

    /// <summary><c>status</c>, <c>ephemeralcontainers</c>, …; absent for the pod itself.</summary>
    public string? SubResource { get; init; }

    /// <summary>Where the object is to live; a pod made by a controller may not say so itself.</summary>
    public string? Namespace { get; init; }

    public string? Operation { get; init; }

    public JsonElement Object { get; init; }
}

/// <summary>The resource of a request, as in its URL.</summary>
internal sealed record GroupVersionResource(string? Group, string? Version, string? Resource);

/// <summary>What the API server is told.</summary>
internal sealed record AdmissionResponse
{
    public required string Uid { get; init; }

    public required bool Allowed { get; init; }

    /// <summary>Why the request is denied; the API server shows it only then.</summary>
    public AdmissionStatus? Status { get; init; }

    /// <summary><c>JSONPatch</c> where there is a patch, and only there.</summary>
    public string? PatchType { get; init; }

    /// <summary>RFC 6902, in base64 on the wire.</summary>
    public ReadOnlyMemory<byte>? Patch { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>For the audit log; the API server puts the webhook's name before each key.</summary>
    public IReadOnlyDictionary<string, string>? AuditAnnotations { get; init; }
}

/// <summary>A denial as <c>kubectl</c> shows it: <c>Error from server (REASON): … denied the request: MESSAGE</c>.</summary>
internal sealed record AdmissionStatus(int Code, string Reason, string Message);
