namespace Stevedore.Webhook.Policies;

/// <summary>Where the models come from whose references begin alike.</summary>
/// <param name="Prefix">The beginning, such as <c>hf://</c> or <c>hf://Qwen/</c>.</param>
/// <param name="Mirrors">What replaces it, to be tried in this order.</param>
/// <param name="Original">Whether the place that the reference names may be asked in the end.</param>
internal sealed record SourceRule(string Prefix, IReadOnlyList<string> Mirrors, OriginalUse Original);

/// <summary>The S3 service.</summary>
/// <param name="Endpoint">Its address; null for AWS's own.</param>
/// <param name="Region">The region; null for what the credentials' environment says.</param>
/// <param name="PathStyle">Whether the bucket stands in the path instead of the host name; null decides by the endpoint: the host name at AWS, the path elsewhere.</param>
/// <param name="Anonymous">Whether requests go unsigned.</param>
internal sealed record S3Settings(Uri? Endpoint, string? Region, bool? PathStyle, bool Anonymous)
{
    /// <summary>Nothing is said.</summary>
    public static readonly S3Settings Aws = new(null, null, null, false);
}

/// <summary>Certificate authorities in a ConfigMap of the pod's namespace.</summary>
/// <param name="ConfigMapName">The ConfigMap.</param>
/// <param name="Key">The key that holds PEM.</param>
internal sealed record CaBundle(string ConfigMapName, string Key)
{
    /// <summary>The key where none is named.</summary>
    public const string DefaultKey = "ca.crt";
}

/// <summary>The way out of the cluster.</summary>
/// <param name="Http">The proxy for <c>http</c>; null for none.</param>
/// <param name="Https">The proxy for <c>https</c>; null for none.</param>
/// <param name="Exceptions">Hosts and <c>.suffixes</c> that are asked directly.</param>
internal sealed record ProxySettings(Uri? Http, Uri? Https, IReadOnlyList<string> Exceptions)
{
    /// <summary>No proxy.</summary>
    public static readonly ProxySettings None = new(null, null, []);
}
