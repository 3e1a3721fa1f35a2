using Stevedore.Contract.References;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class LazyPathTests
{
    [Theory]
    [InlineData("{model}", "hf://Qwen/Qwen3-8B@v1", "Qwen/Qwen3-8B")]
    [InlineData("{model}", "hf://gpt2", "gpt2")]
    [InlineData("{model}/{revision}", "hf://Qwen/Qwen3-8B", "Qwen/Qwen3-8B/main")]
    [InlineData("{namespace}/{model}", "s3://bucket/team/llama/", "inference/team/llama")]
    [InlineData("{model}/{revision}", "s3://bucket/llama/", "llama")]
    [InlineData("models/{model}", "https://host/a%20b/c/", "models/a b/c")]
    [InlineData("{model}", "file:///srv/llama/", "srv/llama")]
    [InlineData("{model}", "s3://bucket", null)]
    [InlineData(".", "hf://Qwen/Qwen3-8B", null)]
    [InlineData("fixed", "hf://Qwen/Qwen3-8B", "fixed")]
    public void Says_where_a_model_lies_in_the_drivers_volume(string template, string model, string? path) =>
        LazyPath.Parse(template).OrThrow().Of(ModelReference.Parse(model).OrThrow(), "inference").Should().Be(path);

    [Theory]
    [InlineData("/models/{model}", "leaves the volume")]
    [InlineData("../{model}", "leaves the volume")]
    [InlineData("a/./b", "leaves the volume")]
    [InlineData("{owner}/{name}", "unknown placeholder \"{owner}\"")]
    [InlineData("{model", "unknown placeholder \"{model\"")]
    public void Is_refused_where_it_leads_elsewhere_or_says_nothing(string template, string why) => LazyPath.Parse(template).Error.Should().Contain(why);

    [Fact]
    public void Is_read_from_a_policy() => PolicyText.Valid(PolicyText.With("{ strategy: Lazy, lazyPath: 'm/{model}', volume: { csi: { driver: d } } }"))
        .LazyPath.ToString().Should().Be("m/{model}");
}
