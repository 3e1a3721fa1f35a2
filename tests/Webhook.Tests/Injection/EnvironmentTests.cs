namespace Stevedore.Webhook.Tests.Injection;

public sealed class EnvironmentTests
{
    private static InjectedPod Pod(string args, string env = "", string annotations = "example.com/x: y", string model = "hf://a/b") => InjectedPod.FromYaml(
        $$"""
        metadata: { annotations: { stevedore.dev/model: "{{model}}", {{annotations}} } }
        spec:
          containers:
          - { name: vllm, image: vllm/vllm-openai, command: [sh, -c, "vllm serve {{args}}"], env: [{{env}}] }
        """).ShouldBeInjected();

    private static Dictionary<string, string?> Env(InjectedPod pod) => InjectedPod.Env(pod.Container());

    [Fact]
    public void Leads_vllm_to_the_view() => Env(Pod("a/b")).Should().Equal(new Dictionary<string, string?>
    {
        ["HF_HUB_CACHE"] = "/run/stevedore/hub",
        ["VLLM_MODEL_REDIRECT_PATH"] = "/run/stevedore/redirect",
    });

    [Fact]
    public void Keeps_what_the_user_set()
    {
        var pod = Pod(
            "a/b", "{ name: HF_HOME, value: /data }, { name: HF_HUB_OFFLINE, value: '0' }, { name: VLLM_MODEL_REDIRECT_PATH, value: /mine }",
            "stevedore.dev/offline: 'true'");

        Env(pod).Should().Equal(new Dictionary<string, string?>
        {
            ["HF_HOME"] = "/data",
            ["HF_HUB_OFFLINE"] = "0",
            ["VLLM_MODEL_REDIRECT_PATH"] = "/mine",
            ["HF_HUB_CACHE"] = "/run/stevedore/hub",
        });
        pod.Answer.Warnings.Should().BeEmpty();
    }

    [Fact]
    public void Adds_behind_what_is_there_so_that_an_empty_list_is_no_hindrance()
    {
        var pod = Pod("a/b", "");

        pod.Patch.Should().Contain(op => (string)op!["path"]! == "/spec/containers/0/env/-");
    }

    [Fact]
    public void Warns_where_the_users_own_redirect_hides_another_name() =>
        Pod("mine", "{ name: VLLM_MODEL_REDIRECT_PATH, value: /mine }").Answer.Warnings.Should().ContainSingle(w => w.Contains("keeps its own VLLM_MODEL_REDIRECT_PATH"));

    [Fact]
    public void Warns_where_the_users_own_redirect_lets_the_download_directory_count()
    {
        Pod("a/b --download-dir /tmp/x", "{ name: VLLM_MODEL_REDIRECT_PATH, value: /mine }").Answer.Warnings.Should().ContainSingle(w => w.Contains("--download-dir"));
        Pod("a/b --download-dir /tmp/x").Answer.Warnings.Should().BeEmpty("the redirect gives vLLM a directory, and it downloads nothing");
    }

    [Fact]
    public void Goes_offline_only_on_request()
    {
        Env(Pod("a/b --served-model-name b", annotations: "stevedore.dev/offline: 'true'"))["HF_HUB_OFFLINE"].Should().Be("1");
        Env(Pod("a/b --served-model-name b", annotations: "stevedore.dev/offline: 'false'")).Should().NotContainKey("HF_HUB_OFFLINE");
        Env(Pod("a/b --served-model-name b")).Should().NotContainKey("HF_HUB_OFFLINE");
    }

    [Fact]
    public void Warns_that_offline_changes_the_models_name_where_it_was_given_none()
    {
        var pod = Pod("a/b", annotations: "stevedore.dev/offline: 'true'");

        Env(pod)["HF_HUB_OFFLINE"].Should().Be("1");
        pod.Answer.Warnings.Should().Equal("stevedore: offline, \"vllm\" reports a path as its model's name; give it --served-model-name");
    }

    [Theory]
    [InlineData("a/b $EXTRA --served-model-name b")]
    [InlineData("a/b --config /c.yaml --served-model-name b")]
    public void Does_not_go_offline_where_part_of_the_command_line_can_not_be_read(string args)
    {
        var pod = Pod(args, annotations: "stevedore.dev/offline: 'true'");

        Env(pod).Should().NotContainKey("HF_HUB_OFFLINE");
        pod.Answer.Warnings.Should().Contain(w => w.Contains("HF_HUB_OFFLINE is not set")).And.HaveCount(2);
    }

    [Fact]
    public void Does_not_go_offline_where_vllm_would_look_for_another_name_first()
    {
        var pod = Pod("mine", annotations: "stevedore.dev/offline: 'true'");

        Env(pod).Should().NotContainKey("HF_HUB_OFFLINE");
        pod.Answer.Warnings.Should().ContainSingle(w => w.Contains("HF_HUB_OFFLINE is not set"));
        Pod("mine", "{ name: HF_HUB_OFFLINE, value: 'yes' }").Answer.Warnings.Should().ContainSingle(w => w.Contains("sets HF_HUB_OFFLINE"));
    }

    [Theory]
    [InlineData("{ name: HF_HUB_CACHE, value: /run/stevedore/hub/deeper }")]
    [InlineData("{ name: HF_HUB_CACHE, value: / }")]
    [InlineData("{ name: HF_HUB_CACHE, valueFrom: { configMapKeyRef: { name: c, key: k } } }")]
    public void Does_not_go_offline_where_vllm_looks_for_models_elsewhere(string env)
    {
        var pod = Pod("a/b --served-model-name b", env, "stevedore.dev/offline: 'true'");

        Env(pod).Should().NotContainKey("HF_HUB_OFFLINE");
        pod.Answer.Warnings.Should().Contain("stevedore: HF_HUB_OFFLINE is not set in \"vllm\": the models can't be mounted at its own HF_HUB_CACHE");
    }

    [Fact]
    public void Goes_offline_where_the_models_are_mounted_at_the_users_own_cache() =>
        Env(Pod("a/b --served-model-name b", "{ name: HF_HUB_CACHE, value: /data }", "stevedore.dev/offline: 'true'"))["HF_HUB_OFFLINE"].Should().Be("1");

    [Fact]
    public void Goes_offline_also_where_the_workload_names_a_directory() =>
        Env(Pod("/models/x --served-model-name x", annotations: "stevedore.dev/offline: 'true'"))["HF_HUB_OFFLINE"].Should().Be("1");
}
