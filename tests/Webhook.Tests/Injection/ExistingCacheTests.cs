using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class ExistingCacheTests
{
    private static InjectedPod Pod(string volume, string mount, string env = "", string args = "a/b") => InjectedPod.FromYaml(
        $$"""
        spec:
          volumes: [ { name: data, {{volume}} } ]
          containers:
          - { name: vllm, image: vllm/vllm-openai, args: [{{args}}], env: [{{env}}], volumeMounts: [ { name: data, mountPath: {{mount}} } ] }
        """,
        Door.Detected);

    private const string Claim = "persistentVolumeClaim: { claimName: c }";

    [Theory]
    [InlineData(Claim, "/root/.cache/huggingface", "", "a/b")]
    [InlineData(Claim, "/root/.cache", "", "a/b")]
    [InlineData(Claim, "/root/.cache/huggingface/hub", "", "a/b")]
    [InlineData(Claim, "/home/vllm/.cache/huggingface", "", "a/b")]
    [InlineData(Claim, "/data", "{ name: HF_HOME, value: /data/hf }", "a/b")]
    [InlineData(Claim, "/data", "{ name: HF_HUB_CACHE, value: /data }", "a/b")]
    [InlineData(Claim, "/data", "{ name: HUGGINGFACE_HUB_CACHE, value: /data }", "a/b")]
    [InlineData(Claim, "/data", "{ name: TRANSFORMERS_CACHE, value: /data/t }", "a/b")]
    [InlineData(Claim, "/home/u/.cache", "", "a/b")]
    [InlineData(Claim, "/root/.cache/huggingface", "{ name: HF_HUB_CACHE, valueFrom: { configMapKeyRef: { name: c, key: k } } }", "a/b")]
    [InlineData(Claim, "/home/me", "{ name: HOME, value: /home/me }", "a/b")]
    [InlineData(Claim, "/data", "{ name: ROOT, value: /data }, { name: HF_HOME, value: $(ROOT)/hf }", "a/b")]
    [InlineData(Claim, "/data", "", "a/b, --download-dir, /data/weights")]
    [InlineData("nfs: { server: s, path: / }", "/root/.cache/huggingface", "", "a/b")]
    [InlineData("hostPath: { path: /mnt }", "/root/.cache/huggingface", "", "a/b")]
    [InlineData("csi: { driver: gcsfuse.csi.storage.gke.io }", "/root/.cache/huggingface", "", "a/b")]
    public void On_a_volume_that_outlives_the_pod_is_left_alone(string volume, string mount, string env, string args) =>
        Pod(volume, mount, env, args).ShouldBeSkipped("AlreadyCached", warns: true);

    [Theory]
    [InlineData("emptyDir: {}", "/root/.cache/huggingface", "")]
    [InlineData("ephemeral: { volumeClaimTemplate: {} }", "/root/.cache/huggingface", "")]
    [InlineData("configMap: { name: c }", "/root/.cache/huggingface", "")]
    [InlineData(Claim, "/data", "")]
    [InlineData(Claim, "/root/.cache/huggingface", "{ name: HF_HOME, value: /elsewhere }")]
    [InlineData(Claim, "/data", "{ name: HF_HUB_CACHE, value: /elsewhere }, { name: HF_HOME, value: /data }")]
    public void Elsewhere_is_no_cache_yet(string volume, string mount, string env) => Pod(volume, mount, env).ShouldBeInjected();

    [Fact]
    public void Does_not_keep_a_pod_from_asking() => InjectedPod.FromYaml($$"""
        metadata: { annotations: { stevedore.dev/model: hf://a/b } }
        spec:
          volumes: [ { name: data, {{Claim}} } ]
          containers: [ { name: vllm, image: vllm/vllm-openai, volumeMounts: [ { name: data, mountPath: /root/.cache/huggingface } ] } ]
        """).ShouldBeInjected().Answer.Warnings.Should().BeEmpty();

    [Fact]
    public void Of_one_container_does_not_keep_another_from_getting_one()
    {
        var pod = InjectedPod.FromYaml(
            $$"""
            spec:
              volumes: [ { name: data, {{Claim}} } ]
              containers:
              - { name: one, image: vllm/vllm-openai, args: [a/one], volumeMounts: [ { name: data, mountPath: /root/.cache/huggingface } ] }
              - { name: two, image: vllm/vllm-openai, args: [a/two] }
            """,
            Door.Detected).ShouldBeInjected();

        pod.Args.Should().Be("hf://a/two");
    }
}
