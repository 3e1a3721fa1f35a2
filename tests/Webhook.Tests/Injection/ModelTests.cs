using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class ModelTests
{
    private static InjectedPod Pod(string? model, string command, string container = "") => InjectedPod.FromYaml(
        $"""
        metadata:
          labels: {"{ stevedore.dev/inject: 'true' }"}
          annotations:
            example.com/x: y
            {(model is null ? "" : $"stevedore.dev/model: '{model}'")}
        spec:
          containers:
          - name: vllm
            command: [sh, -c, {System.Text.Json.JsonSerializer.Serialize(command)}]
            {container}
        """);

    /// <summary>The annotation, the command line, and what the fetcher is told.</summary>
    public static TheoryData<string?, string, string> Unions => new()
    {
        // From the command line alone.
        { null, "vllm serve a/b", "hf://a/b" },
        { null, "vllm serve a/b --revision v1", "hf://a/b@v1" },
        { null, "vllm serve gpt2", "hf://gpt2" },
        { null, "vllm serve s3://bucket/m --load-format runai_streamer", "s3://bucket/m/ --as s3://bucket/m/=s3://bucket/m" },
        { null, "vllm serve a/b --tokenizer a/t --lora-modules x=a/l --speculative-config '{\"model\":\"a/d\"}'", "hf://a/b hf://a/t hf://a/d hf://a/l" },
        { null, "vllm serve a/b --tokenizer a/b --revision v1", "hf://a/b@v1" },
        { null, "vllm serve a/b --tokenizer a/t --revision v1", "hf://a/b@v1 hf://a/t@v1" },
        { null, "vllm serve a/b --tokenizer /opt/tokenizer", "hf://a/b" },
        { null, "vllm serve a/one & vllm serve a/two", "hf://a/one hf://a/two" },

        // Both: the union, the annotation first, a revision with its own reference.
        { "hf://a/b", "vllm serve a/b", "hf://a/b" },
        { "a/b", "vllm serve a/b", "hf://a/b" },
        { "hf://a/b@v1", "vllm serve a/b", "hf://a/b@v1" },
        { "hf://a/b", "vllm serve a/b --revision v1", "hf://a/b@v1" },
        { "hf://a/b@v1", "vllm serve a/b --revision v1", "hf://a/b@v1" },
        { "hf://a/lora@v2", "vllm serve a/b --revision v1", "hf://a/lora@v2 hf://a/b@v1" },
        { "hf://a/b, hf://a/t@v2", "vllm serve a/b --revision v1 --tokenizer a/t", "hf://a/b@v1 hf://a/t@v2" },

        { "hf://qwen/qwen3-8b", "vllm serve Qwen/Qwen3-8B --revision v1", "hf://qwen/qwen3-8b@v1 --as hf://qwen/qwen3-8b@v1=Qwen/Qwen3-8B" },

        // Another name for the annotation's model.
        { "s3://bkt/llama/", "vllm serve llama-70b", "s3://bkt/llama/ --as s3://bkt/llama/=llama-70b" },
        { "s3://bkt/llama/", "vllm serve meta-llama/Llama-3.3-70B", "s3://bkt/llama/ --as s3://bkt/llama/=meta-llama/Llama-3.3-70B" },
        { "hf://a/b", "vllm serve mine", "hf://a/b --as hf://a/b=mine" },
        { "hf://a/b", "vllm serve mine --revision v1", "hf://a/b@v1 --as hf://a/b@v1=mine" },
        { "https://host/dir/", "vllm serve /models/x/", "https://host/dir/ --as https://host/dir/=/models/x" },
        { "hf://a/b", "vllm serve gs://bucket/m", "hf://a/b --as hf://a/b=gs://bucket/m" },
        { "s3://bkt/base/, s3://bkt/lora/", "vllm serve /models/base --lora-modules x=/models/lora", "s3://bkt/base/ s3://bkt/lora/ --as s3://bkt/base/=/models/base --as s3://bkt/lora/=/models/lora" },
        { "s3://bkt/lora/", "vllm serve a/b --lora-modules x=/models/lora", "s3://bkt/lora/ hf://a/b --as s3://bkt/lora/=/models/lora" },
        { "s3://bkt/x/", "vllm serve a/b & vllm serve /models/x", "s3://bkt/x/ hf://a/b --as s3://bkt/x/=/models/x" },
        { "s3://bkt/x/, s3://bkt/t/", "vllm serve /m/x --tokenizer /m", "s3://bkt/t/ s3://bkt/x/ --as s3://bkt/x/=/m/x --as s3://bkt/t/=/m" },
        { "s3://bkt/base/, hf://a/lora", "vllm serve base --lora-modules x=a/lora", "s3://bkt/base/ hf://a/lora --as s3://bkt/base/=base" },
        { "s3://bkt/base/", "vllm serve base --lora-modules x=a/lora --tokenizer a/t", "s3://bkt/base/ hf://a/t hf://a/lora --as s3://bkt/base/=base" },
    };

    [Theory]
    [MemberData(nameof(Unions))]
    public void Are_those_of_the_annotation_and_of_the_command_line(string? model, string command, string args) =>
        Pod(model, command).ShouldBeInjected().Args.Should().Be(args);

    [Theory]
    [InlineData("hf://a/b@v2", "vllm serve a/b --revision v1", "as v2 by the annotation stevedore.dev/model and as v1 by the command line")]
    [InlineData("hf://a/b@v2", "vllm serve mine --revision v1", "let both say the same")]
    [InlineData(null, "vllm serve a/b --revision v1 & vllm serve a/b --revision v2", "as v1 and as v2 by the command line")]
    public void Are_denied_in_two_versions(string? model, string command, string because) =>
        Pod(model, command).ShouldBeDenied(DenyReason.ContradictingRevision, because);

    [Theory]
    [InlineData("vllm serve a/b --revision v1 & vllm serve a/b", "as v1 and as main")]
    [InlineData("vllm serve a/b & vllm serve a/b --revision v1", "as main and as v1")]
    public void Without_a_revision_mean_main(string command, string because)
    {
        Pod(null, command).ShouldBeDenied(DenyReason.ContradictingRevision, because);
        Pod("hf://a/b", command).ShouldBeDenied(DenyReason.ContradictingRevision, because);
        Pod("hf://a/b@v1", command).ShouldBeInjected().Args.Should().Be("hf://a/b@v1", "the annotation speaks for the use that says nothing");
    }

    [Theory]
    [InlineData("vllm serve a/b --tokenizer a/b --tokenizer-revision t1", "tokenizer's revision t1")]
    [InlineData("vllm serve a/b --speculative-config '{\"model\":\"a/b\",\"revision\":\"t1\"}'", "draft's revision t1")]
    [InlineData("vllm serve a/x --speculative-config '{\"model\":\"a/b\",\"revision\":\"t1\"}' & vllm serve a/b", "draft's revision t1")]
    public void Are_not_pinned_by_what_only_goes_with_them(string command, string about)
    {
        foreach (var pod in new[] { Pod(null, command), Pod("hf://a/b", command) })
        {
            pod.ShouldBeInjected().Args.Split(' ').Should().Contain("hf://a/b").And.NotContain("hf://a/b@t1");
            pod.Answer.Warnings.Should().ContainSingle(warning => warning.Contains(about));
        }
    }

    [Theory]
    [InlineData("vllm serve $MODEL", "$MODEL on the command line")]
    [InlineData("vllm serve /opt/model", "\"/opt/model\"")]
    [InlineData("vllm serve ./model", "\"./model\"")]
    [InlineData("vllm serve gs://bucket/m", "gs://bucket/m")]
    [InlineData("sleep infinity", "no command line of vLLM")]
    public void Are_asked_for_where_nothing_says_which(string command, string because)
    {
        var pod = Pod(null, command);

        pod.ShouldBeDenied(DenyReason.NoModel, because);
        pod.Answer.Message.Should().Contain("write the annotation stevedore.dev/model");
    }

    [Fact]
    public void Of_a_revision_that_can_not_be_are_denied() =>
        Pod(null, "vllm serve a/b --revision '../x'").ShouldBeDenied(DenyReason.InvalidReference, "which can't be a branch, tag or commit");

    [Theory]
    [InlineData("vllm serve 'my model'")]
    [InlineData("vllm serve /models/a=b")]
    [InlineData("vllm serve /models/a:b")]
    public void Called_by_a_name_that_can_not_be_passed_on_are_denied(string command) =>
        Pod("s3://bkt/x/", command).ShouldBeDenied(DenyReason.UnusableName, "without white space");

    [Fact]
    public void Below_a_relative_path_are_found_where_the_container_starts()
    {
        var pod = Pod("s3://bkt/x/", "vllm serve ./x", "workingDir: /models").ShouldBeInjected();

        pod.Args.Should().Be("s3://bkt/x/ --as s3://bkt/x/=/models/x");
        InjectedPod.Mounts(pod.Container()).Should().Contain("stevedore-view /models/x ro sub=at/models/x");
    }

    [Fact]
    public void Of_ModelScope_are_not_taken_for_the_hubs() =>
        Pod(null, "vllm serve a/b", "env: [ { name: VLLM_USE_MODELSCOPE, value: 'True' } ]").ShouldBeDenied(DenyReason.NoModel, "a/b");

    [Fact]
    public void That_no_command_line_names_are_fetched_with_a_warning() => Pod("s3://bkt/extra/, hf://a/b", "vllm serve a/b").ShouldBeInjected()
        .Answer.Warnings.Should().Equal("stevedore: no command line names a path or model for s3://bkt/extra/");

    [Fact]
    public void Of_the_hub_that_come_from_elsewhere_are_said() => Pod("s3://bkt/llama/", "vllm serve meta-llama/Llama-3.3-70B").ShouldBeInjected()
        .Answer.Warnings.Should().Equal("stevedore: meta-llama/Llama-3.3-70B is loaded from s3://bkt/llama/");

    [Fact]
    public void In_GGUF_need_to_be_asked_for() => Pod(null, "vllm serve a/b-GGUF:Q4_K_M").ShouldBeInjected()
        .Answer.Warnings.Should().ContainSingle(warning => warning.Contains("stevedore.dev/include"));

    [Fact]
    public void See_one_version_also_as_a_tokenizer()
    {
        var pod = Pod(null, "vllm serve a/b --revision v1 --tokenizer a/b --tokenizer-revision v2").ShouldBeInjected();

        pod.Args.Should().Be("hf://a/b@v1");
        pod.Answer.Warnings.Should().ContainSingle(warning => warning.Contains("tokenizer's revision v2"));
    }

    [Theory]
    [InlineData("vllm serve a/b --hf-token secret", "--hf-token")]
    [InlineData("vllm serve a/b --load-format gguf", "--load-format gguf")]
    [InlineData("vllm serve a/b --config /etc/vllm.yaml", "--config /etc/vllm.yaml")]
    [InlineData("vllm serve a/b $EXTRA", "$EXTRA")]
    public void Come_with_a_warning_where_the_command_line_says_more_than_can_be_done(string command, string about)
    {
        var pod = Pod(null, command).ShouldBeInjected();

        pod.Answer.Warnings.Should().ContainSingle(warning => warning.Contains(about));
        pod.Answer.Warnings.Should().NotContain(warning => warning.Contains("secret"));
        pod.Pod.ToJsonString().Split("secret").Should().HaveCount(command.Contains("secret") ? 2 : 1, "a token on the command line is not copied");
    }

    [Fact]
    public void Of_several_containers_are_fetched_together()
    {
        var pod = InjectedPod.FromYaml("""
            metadata: { labels: { stevedore.dev/inject: "true" } }
            spec:
              containers:
              - { name: chat, image: vllm/vllm-openai, args: [a/chat] }
              - { name: proxy, image: nginx }
              - { name: embed, image: vllm/vllm-openai, args: [a/embed, --revision, v1] }
            """).ShouldBeInjected();

        pod.Args.Should().Be("hf://a/chat hf://a/embed@v1");
        InjectedPod.Env(pod.Container(0)).Should().ContainKey("HF_HUB_CACHE");
        pod.Container(1)["env"].Should().BeNull();
        pod.Container(1)["volumeMounts"].Should().BeNull();
        InjectedPod.Env(pod.Container(2)).Should().ContainKey("HF_HUB_CACHE");
    }
}
