namespace Stevedore.Webhook.Injection;

/// <summary>Which variables of a workload the fetcher takes over, by whose cache it fills.</summary>
/// <param name="IsPlain">Whether a variable says all there is by its value.</param>
/// <param name="Files">Variables that name files: they are of use only with the mount that holds the file.</param>
/// <param name="Bundles">Variables of other clients for certificate authorities: the fetcher is told on its command line.</param>
internal sealed record InheritedNames(Predicate<string> IsPlain, IReadOnlySet<string> Files, IReadOnlyList<string> Bundles)
{
    /// <summary>The only one that is a list, and then a short one.</summary>
    public const string ListOfDirectories = "SSL_CERT_DIR";

    /// <summary>
    /// Credentials that are nothing but credentials. Profiles are not among them: a file of AWS's may name an endpoint, and a program to run.
    /// </summary>
    public static readonly IReadOnlyList<string> Credentials =
    [
        "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "STEVEDORE_HTTP_HOST", "STEVEDORE_HTTP_TOKEN", "STEVEDORE_HTTP_USER", "STEVEDORE_HTTP_PASSWORD",
    ];

    /// <summary>Where AWS's services are asked.</summary>
    public static readonly IReadOnlyList<string> Regions = ["AWS_REGION", "AWS_DEFAULT_REGION"];

    private static readonly HashSet<string> Endpoints =
    [
        "HF_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ];

    private static readonly HashSet<string> Identities =
    [
        .. Credentials, .. Regions, "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_STS_REGIONAL_ENDPOINTS", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    ];

    private static readonly HashSet<string> TokenFiles = ["HF_TOKEN_PATH", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];

    /// <summary>Families that are taken as a whole: AWS's, credentials for web servers, and where telemetry goes.</summary>
    private static readonly string[] OwnPrefixes = ["AWS_", "STEVEDORE_HTTP_", "OTEL_EXPORTER_OTLP_"];

    // Not OTEL_SERVICE_NAME: the fetcher is another service than the workload.
    private static readonly HashSet<string> Telemetry = ["OTEL_RESOURCE_ATTRIBUTES", "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"];

    /// <summary>For a cache of the pod's own: credentials, endpoints, proxies, certificate authorities, and where telemetry goes.</summary>
    public static readonly InheritedNames ForOwnCache = new(
        name => Credentials.Contains(name) || Endpoints.Contains(name) || Telemetry.Contains(name)
            || Array.Exists(OwnPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)),
        new HashSet<string>
        {
            "NETRC", "OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY",
            "HF_TOKEN_PATH", "SSL_CERT_FILE", ListOfDirectories, "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CA_BUNDLE", "NETRC",
        },
        ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"]);

    /// <summary>For a cache that others read: who the pod is, and nothing that says where content comes from.</summary>
    public static readonly InheritedNames ForSharedCache = new(Identities.Contains, TokenFiles, []);
}
