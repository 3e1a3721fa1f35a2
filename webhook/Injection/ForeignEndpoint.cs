using Stevedore.Contract.References;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Where a cache is shared, its content comes from where the policy says. A pod that asks for another endpoint, proxy or certificate authority is
/// told so, instead of getting a model from elsewhere than it believes.
/// </summary>
internal static class ForeignEndpoint
{
    private const string PublicHub = "https://huggingface.co";

    private static readonly string[] Authorities = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"];

    /// <summary>The refusal; null where the pod wants nothing else than the policy.</summary>
    public static InjectionDecision.Deny? RefusalOf(PlanRequest request)
    {
        foreach (var workload in request.Workloads)
        {
            foreach (var (name, allowed, field) in Addresses(request.Policy))
            {
                if (!workload.Environment.Sets(name))
                    continue;
                if (workload.Environment.ValueOf(name) is not { } value)
                    request.Warnings.Add($"{name} is not passed on: the cache is filled from where the policy says");
                else if (value.Trim().Length > 0 && !IsSame(value, allowed))
                    return Refused(request, workload, name, ShownText.Of(value), field);
            }

            foreach (var name in Authorities)
            {
                if (workload.Environment.ValueOf(name) is { } path && path.StartsWith('/') && workload.Shows(MountPath.Normalise(path)))
                    return Refused(request, workload, name, ShownText.Of(path), "caBundle");
            }
        }

        return null;
    }

    private static IEnumerable<(string Name, string? Allowed, string Field)> Addresses(InjectionPolicy policy)
    {
        yield return ("HF_ENDPOINT", policy.HubEndpoint?.OriginalString ?? PublicHub, "hub.endpoint");
        yield return ("AWS_ENDPOINT_URL", policy.S3.Endpoint?.OriginalString, "s3.endpoint");
        yield return ("AWS_ENDPOINT_URL_S3", policy.S3.Endpoint?.OriginalString, "s3.endpoint");
        yield return ("HTTP_PROXY", policy.Proxy.Http?.OriginalString, "proxy");
        yield return ("http_proxy", policy.Proxy.Http?.OriginalString, "proxy");
        yield return ("HTTPS_PROXY", policy.Proxy.Https?.OriginalString, "proxy");
        yield return ("https_proxy", policy.Proxy.Https?.OriginalString, "proxy");
        yield return ("ALL_PROXY", null, "proxy");
        yield return ("all_proxy", null, "proxy");
    }

    private static bool IsSame(string value, string? allowed) =>
        string.Equals(value.Trim().TrimEnd('/'), allowed?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static InjectionDecision.Deny Refused(PlanRequest request, Workload workload, string name, string value, string field) => new(
        DenyReason.EndpointNotAllowed,
        $"Container \"{workload.Container.Name}\" sets {name} to {value}, and under the strategy {request.Strategy} of the policy "
        + $"\"{request.Policy.Name}\" others read the same cache; leave {name} out, have spec.{field} of the policy say it, or use the strategy Local.");
}
