namespace Stevedore.Webhook.CommandLines;

/// <summary>Recognising vLLM's server by the name of its image.</summary>
internal static class VllmImage
{
    /// <summary>
    /// What the image runs in front of the arguments. Older images start <c>python3 -m vllm.entrypoints.openai.api_server</c>, newer ones
    /// <c>vllm serve</c> (vLLM's docker/Dockerfile); reading both as the latter gives the same options.
    /// </summary>
    public static readonly IReadOnlyList<string> Entrypoint = ["vllm", "serve"];

    // Companions of the server that carry its name and load no model.
    private static readonly string[] Companions =
        ["router", "gateway", "proxy", "exporter", "metrics", "operator", "controller", "client", "benchmark", "bench"];

    /// <summary>
    /// Whether the repository's last part has <c>vllm</c> as a word: <c>vllm/vllm-openai:v0.11.0</c>, <c>rocm/vllm</c>,
    /// <c>registry.example.com:5000/team/my-vllm@sha256:…</c>; not <c>vllm-router</c>.
    /// </summary>
    public static bool IsServer(string? image)
    {
        if (image is null)
            return false;
        var repository = image.AsSpan();
        if (repository.IndexOf('@') is >= 0 and var digest)
            repository = repository[..digest];
        repository = repository[(repository.LastIndexOf('/') + 1)..];
        if (repository.IndexOf(':') is >= 0 and var tag)
            repository = repository[..tag];
        var words = repository.ToString().ToLowerInvariant().Split('-', '_', '.');
        return words.Contains("vllm") && !words.Any(Companions.Contains);
    }
}
