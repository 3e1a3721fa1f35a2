using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class PathTests
{
    private static InjectedPod Pod(string command, string mounts, string model = "s3://bkt/x/", string env = "") => InjectedPod.FromYaml(
        $$"""
        metadata: { annotations: { stevedore.dev/model: "{{model}}" } }
        spec:
          volumes: [ { name: data, persistentVolumeClaim: { claimName: data } } ]
          containers:
          - name: vllm
            image: vllm/vllm-openai
            args: [{{command}}]
            env: [{{env}}]
            volumeMounts: [{{mounts}}]
        """);

    [Theory]
    [InlineData("/models/x")] // equals
    [InlineData("/models")] // contains
    [InlineData("/models/x/tokenizer")] // lies inside
    [InlineData("/models/")]
    [InlineData("//models/./x/")]
    [InlineData("models")] // relative counts from the root
    public void That_a_mount_of_the_pod_touches_is_taken(string mount) =>
        Pod("/models/x", $"{{ name: data, mountPath: '{mount}' }}").ShouldBeDenied(DenyReason.PathTaken, "/models/x");

    [Theory]
    [InlineData("/modelsx")]
    [InlineData("/models/xy")]
    [InlineData("/other/models/x")]
    [InlineData("/models/y")]
    public void Beside_a_mount_is_free(string mount)
    {
        var pod = Pod("/models/x", $"{{ name: data, mountPath: '{mount}' }}").ShouldBeInjected();

        InjectedPod.Mounts(pod.Container()).Should().Equal(
            $"data {mount}", "stevedore-cache /var/cache/stevedore ro", "stevedore-view /run/stevedore ro", "stevedore-view /models/x ro sub=at/models/x");
    }

    [Theory]
    [InlineData("/var/cache/stevedore")]
    [InlineData("/var/cache")]
    [InlineData("/run/stevedore/hub")]
    [InlineData("/run")]
    [InlineData("/")]
    public void Of_cache_and_view_must_be_free_too(string mount) =>
        Pod("a/b", $"{{ name: data, mountPath: {mount} }}", "hf://a/b").ShouldBeDenied(DenyReason.PathTaken, "move that mount");

    [Theory]
    [InlineData("/run/stevedore/hub/x")]
    [InlineData("/run")]
    [InlineData("/var/cache/stevedore")]
    public void Of_cache_and_view_are_no_place_for_a_model(string directory) => Pod(directory, "").ShouldBeDenied(DenyReason.PathTaken, directory);

    [Fact]
    public void That_a_mount_shows_already_is_not_fetched_without_an_annotation() => InjectedPod.FromYaml("""
        metadata: { labels: { stevedore.dev/inject: "true" } }
        spec: { containers: [ { name: vllm, image: vllm/vllm-openai, args: [/models/x], volumeMounts: [ { name: data, mountPath: /models } ] } ] }
        """).ShouldBeSkipped("AlreadyMounted", warns: true);

    [Fact]
    public void That_a_mount_shows_already_leaves_the_other_models_to_fetch()
    {
        var pod = Pod("/models/x, --tokenizer, a/t, --lora-modules, l=/models/l", "{ name: data, mountPath: /models }", "hf://a/t").ShouldBeInjected();

        pod.Args.Should().Be("hf://a/t");
        InjectedPod.Mounts(pod.Container()).Should().NotContain(mount => mount.Contains("sub="));
    }

    [Fact]
    public void Inside_another_models_is_mounted_with_it()
    {
        var pod = Pod("/models/x, --lora-modules, l=/models/x/lora", "", "s3://bkt/x/, s3://bkt/lora/").ShouldBeInjected();

        pod.Args.Should().Be("s3://bkt/x/ s3://bkt/lora/ --as s3://bkt/x/=/models/x --as s3://bkt/lora/=/models/x/lora");
        InjectedPod.Mounts(pod.Container()).Should().ContainSingle(mount => mount.Contains("sub="));
    }

    [Fact]
    public void Of_a_directory_is_mounted_only_where_it_is_named()
    {
        var pod = InjectedPod.FromYaml("""
            metadata: { annotations: { stevedore.dev/model: s3://bkt/x/ } }
            spec:
              containers:
              - { name: one, image: vllm/vllm-openai, args: [/models/x] }
              - { name: two, image: vllm/vllm-openai, args: [a/b] }
            """).ShouldBeInjected();

        InjectedPod.Mounts(pod.Container(0)).Should().Contain("stevedore-view /models/x ro sub=at/models/x");
        InjectedPod.Mounts(pod.Container(1)).Should().NotContain(mount => mount.Contains("sub="));
    }

    [Theory]
    [InlineData("/data/hub", "stevedore-view /data/hub ro sub=hub")]
    [InlineData("/run/stevedore/hub", null)]
    public void Of_the_users_own_hub_cache_shows_the_view(string value, string? mount)
    {
        var pod = Pod("a/b", "", "hf://a/b", $"{{ name: HF_HUB_CACHE, value: {value} }}").ShouldBeInjected();

        InjectedPod.Env(pod.Container())["HF_HUB_CACHE"].Should().Be(value);
        InjectedPod.Mounts(pod.Container()).Where(m => m.Contains("sub=")).Should().Equal(mount is null ? [] : [mount]);
        pod.Answer.Warnings.Should().BeEmpty();
    }

    [Theory]
    [InlineData("value: /data/hub", "{ name: data, mountPath: /data }")]
    [InlineData("value: relative/hub", "")]
    [InlineData("value: $(NOT_SET)/hub", "")]
    [InlineData("valueFrom: { configMapKeyRef: { name: c, key: k } }", "")]
    public void Of_the_users_own_hub_cache_stays_where_it_is_not_free(string value, string mounts)
    {
        var pod = Pod("a/b", mounts, "hf://a/b", $"{{ name: HF_HUB_CACHE, {value} }}").ShouldBeInjected();

        InjectedPod.Mounts(pod.Container()).Should().NotContain(m => m.Contains("sub="));
        pod.Answer.Warnings.Should().ContainSingle(warning => warning.Contains("keeps its own HF_HUB_CACHE"));
    }
}
