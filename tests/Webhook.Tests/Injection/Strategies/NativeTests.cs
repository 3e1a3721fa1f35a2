using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

public sealed class NativeTests
{
    private const string Native = "{ strategy: Native }";

    [Theory]
    [InlineData("s3://bkt/x/", "args: [a/b]", "SchemeNotSupported", "leaves hf:// models to vLLM")]
    [InlineData("oci://ghcr.io/a/b:1", "args: [a/b]", "SchemeNotSupported", "name Image")]
    [InlineData("hf://a/b", "args: [llama]", "UnusableName", "\"llama\"")]
    [InlineData("hf://a/b", "args: [/models/x]", "UnusableName", "\"/models/x\"")]
    [InlineData("hf://a/b", "args: [a/b], env: [ { name: HF_ENDPOINT, value: 'https://evil.example' } ]", "Injected", "")]
    public void Takes_what_vllm_finds_by_itself(string model, string container, string reason, string because)
    {
        var pod = RuledPod.Inject(Native, container, model: model);

        if (reason == "Injected")
            pod.ShouldBeInjected();
        else
            pod.ShouldBeDenied(Enum.Parse<DenyReason>(reason), because);
    }

    [Fact]
    public void Lets_vllm_stream_from_an_address_of_its_own_command_line() =>
        RuledPod.Inject(Native, "args: [s3://bkt/x/, --load-format, runai_streamer]", model: "s3://bkt/x/").ShouldBeInjected();

    [Fact]
    public void Denies_a_foreign_endpoint_where_others_read_the_volume() =>
        RuledPod.Inject("{ strategy: Native, volume: { nfs: { server: s, path: /p } } }", "args: [a/b], env: [ { name: HF_ENDPOINT, value: 'https://evil.example' } ]")
            .ShouldBeDenied(DenyReason.EndpointNotAllowed, "HF_ENDPOINT");

    [Fact]
    public void Mounts_the_volume_at_the_workloads_own_cache()
    {
        var pod = RuledPod.Inject(
            "{ strategy: Native, volume: { nfs: { server: s, path: /p } } }", "args: [a/b], env: [ { name: HF_HUB_CACHE, value: /data/hub } ]").ShouldBeInjected();

        InjectedPod.Mounts(pod.Container()).Should().Equal(
            "stevedore-cache /var/cache/stevedore sub=ns/inference", "stevedore-cache /data/hub sub=ns/inference/hub");
    }

    [Theory]
    [InlineData("hf://a/b@v1", "args: [a/b]", 1)]
    [InlineData("hf://a/b@v1", "args: [a/b, --revision, v1]", 0)]
    [InlineData("hf://a/b@main", "args: [a/b]", 0)]
    public void Says_that_a_revision_of_the_annotation_reaches_nobody(string model, string container, int warnings) =>
        RuledPod.Inject(Native, container, model: model).ShouldBeInjected().Answer.Warnings.Where(w => w.Contains("--revision")).Should().HaveCount(warnings);

    [Fact]
    public void Says_which_annotations_have_no_effect() =>
        RuledPod.Inject(Native, annotations: "stevedore.dev/include: '*.json', stevedore.dev/refresh: 1h").ShouldBeInjected()
            .Answer.Warnings.Should().ContainSingle(w => w.Contains("include, refresh had no effect"));
}
