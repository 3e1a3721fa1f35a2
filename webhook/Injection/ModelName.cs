using Stevedore.Contract.References;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>What a name on vLLM's command line is, told by its form alone.</summary>
internal abstract record ModelName
{
    private ModelName()
    {
    }

    /// <summary>A Hub id, or a word of the user's own that could be one: <c>Qwen/Qwen3-8B</c>, <c>gpt2</c>, <c>llama-70b</c>.</summary>
    /// <param name="Reference">The id as a reference without a revision.</param>
    /// <param name="Quantization">What stands behind a colon, for GGUF repositories; null for none.</param>
    internal sealed record HubId(HubReference Reference, string? Quantization) : ModelName;

    /// <summary>An absolute directory.</summary>
    internal sealed record Directory(string Path) : ModelName;

    /// <summary>An address with a scheme of ours, such as <c>s3://bucket/model</c> for vLLM's own streamers.</summary>
    internal sealed record Address(ModelReference Reference) : ModelName;

    /// <summary>Nothing that can be fetched.</summary>
    internal sealed record Unusable : ModelName;

    /// <summary>Tells what the text is.</summary>
    /// <param name="text">As the command line has it.</param>
    /// <param name="workload">The container, for the directory that relative paths count from.</param>
    public static ModelName Of(string text, Workload workload)
    {
        if (text.StartsWith('/'))
            return text.Trim('/').Length > 0 ? new Directory(MountPath.Normalise(text)) : new Unusable();
        if (text is "." or ".." || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal))
        {
            return workload.Container.WorkingDirectory is { } here && here.StartsWith('/')
                ? new Directory(MountPath.Normalise($"{here}/{text}"))
                : new Unusable();
        }

        if (text.Contains("://", StringComparison.Ordinal))
            return ModelReference.Parse(text) is { IsValid: true } address ? new Address(address.Value) : new Unusable();
        // ModelScope's ids look alike, and the fetcher can't fetch from there.
        if (workload.Environment.ValueOf("VLLM_USE_MODELSCOPE") is { } scope && scope.Equals("true", StringComparison.OrdinalIgnoreCase))
            return new Unusable();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return !text.Contains('@', StringComparison.Ordinal)
            && ModelReference.Parse("hf://" + (colon < 0 ? text : text[..colon])) is { IsValid: true, Value: HubReference id }
            ? new HubId(id, colon < 0 ? null : text[(colon + 1)..])
            : new Unusable();
    }
}
