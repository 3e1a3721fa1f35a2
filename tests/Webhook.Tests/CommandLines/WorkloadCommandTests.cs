using System.Text.Json.Nodes;
using static Stevedore.Webhook.Tests.CommandLines.ContainerBuilder;

namespace Stevedore.Webhook.Tests.CommandLines;

public sealed class WorkloadCommandTests
{
    /// <summary>Image, command, args; then the models that are read.</summary>
    public static TheoryData<string?, string[], string[], string> Commands => new()
    {
        // The subcommand and its positional.
        { null, ["vllm", "serve", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve"], ["Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { null, ["/opt/venv/bin/vllm", "serve", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--port", "8000", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--enforce-eager", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--enable-prefix-caching", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--kv-sharing-fast-prefill", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--aggregate-engine-logging", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--grpc", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--fail-on-environ-validation", "/models/llama"], [], "Model /models/llama" },
        { null, ["vllm", "serve", "--log-error-stack", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "-O3", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "-O", "3", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--log-config-file", "/etc/log.json", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "-tp", "2", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "/models/llama"], ["--tensor-parallel-size=4"], "Model /models/llama" },
        { null, ["vllm", "serve", "--", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },

        // The option, with either separator.
        { null, ["vllm", "serve", "--model", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--model=Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "--model", "a/first", "--model", "a/last"], [], "Model a/last" },
        { null, ["vllm", "run-batch", "-i", "in.jsonl", "-o", "out.jsonl", "--model", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "bench", "throughput", "--model", "Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["vllm", "serve", "Qwen/Qwen3-8B", "--max_num_batched_tokens", "1024", "--served_model_name", "q"], [], "Model Qwen/Qwen3-8B" },

        // As a module.
        { null, ["python3", "-m", "vllm.entrypoints.openai.api_server"], ["--model", "Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { null, ["python", "-u", "-m", "vllm.entrypoints.api_server", "--model=Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["python3", "-mvllm.entrypoints.openai.api_server", "--model=Qwen/Qwen3-8B"], [], "Model Qwen/Qwen3-8B" },
        { null, ["python3", "-m", "vllm.entrypoints.openai.run_batch", "-i", "in.jsonl", "--model", "a/b", "--revision", "v1"], [], "Model a/b@v1" },
        { null, ["python3", "-m", "vllm.entrypoints.cli.main", "serve", "a/b"], [], "Model a/b" },
        { null, ["python3", "/usr/lib/python3/dist-packages/vllm/entrypoints/openai/api_server.py", "--model", "a/b"], [], "Model a/b" },
        { null, ["torchrun", "--nproc-per-node", "8", "-m", "vllm.entrypoints.openai.api_server", "--model", "a/b"], [], "Model a/b" },

        // Under the image's entrypoint, which is "vllm serve" in newer images and the module in older ones.
        { "vllm/vllm-openai:v0.11.0", [], ["Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { "vllm/vllm-openai:v0.11.0", [], ["serve", "Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { "vllm/vllm-openai:v0.11.0", [], ["--model", "Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { "vllm/vllm-openai:v0.11.0", [], ["vllm", "serve", "Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { "vllm/vllm-openai:v0.11.0", [], ["sh", "-c", "vllm serve Qwen/Qwen3-8B"], "Model Qwen/Qwen3-8B" },
        { "vllm/vllm-openai:v0.11.0", ["sleep"], ["infinity"], "" },
        { "nginx:1.27", [], ["--model", "Qwen/Qwen3-8B"], "" },

        // Behind launchers.
        { null, ["/usr/bin/tini", "--", "vllm", "serve", "a/b"], [], "Model a/b" },
        { null, ["numactl", "--cpunodebind=0", "vllm", "serve", "a/b"], [], "Model a/b" },
        { null, ["env", "VLLM_USE_V1=1", "vllm", "serve", "a/b"], [], "Model a/b" },
        { null, ["tini", "--", "bash", "-c", "vllm serve a/b"], [], "Model a/b" },

        // Not a server.
        { null, ["pip", "install", "vllm"], [], "" },
        { null, ["vllm", "bench", "serve", "--model", "a/b"], [], "" },
        { null, ["vllm", "chat", "--model-name", "a/b"], [], "" },
        { null, ["python3", "-m", "http.server"], [], "" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void Reads_the_model(string? image, string[] command, string[] args, string models)
    {
        var read = Command(new JsonObject
        {
            ["image"] = image,
            ["command"] = command.Length == 0 ? null : new JsonArray([.. command.Select(word => (JsonNode)word)]),
            ["args"] = args.Length == 0 ? null : new JsonArray([.. args.Select(word => (JsonNode)word)]),
        }.ToJsonString());

        Models(read).Should().Be(models);
        read.Unread.Should().BeEmpty();
    }

    public static TheoryData<string[], string> Options => new()
    {
        { ["a/b", "--revision", "v1"], "Model a/b@v1" },
        { ["a/b", "--revision=refs/pr/7"], "Model a/b@refs/pr/7" },
        { ["a/b", "--tokenizer", "a/t"], "Model a/b\nTokenizer a/t" },
        { ["a/b", "--tokenizer", "a/t", "--tokenizer-revision", "v2", "--revision", "v1"], "Model a/b@v1\nTokenizer a/t@v2" },
        { ["a/b", "--tokenizer", "a/t", "--revision", "v1"], "Model a/b@v1\nTokenizer a/t@v1" },
        { ["a/b", "--hf_config_path", "a/c"], "Model a/b\nConfig a/c" },
        { ["a/b", "--lora-modules", "sql=a/sql", "fr=/adapters/fr", "--port", "1"], "Model a/b\nLora a/sql\nLora /adapters/fr" },
        { ["a/b", "--lora-modules", """{"name": "sql", "path": "a/sql", "base_model_name": "a/b"}"""], "Model a/b\nLora a/sql" },
        { ["--lora-modules", "sql=a/sql", "--model", "a/b"], "Model a/b\nLora a/sql" },
        { ["a/b", "--speculative-config", """{"model": "a/draft", "num_speculative_tokens": 5, "revision": "v3"}"""], "Model a/b\nDraft a/draft@v3" },
        { ["a/b", "--speculative_config={\"method\": \"ngram\", \"model\": \"a/draft\"}"], "Model a/b" },
        { ["a/b", "--speculative-config", """{"method": "ngram", "num_speculative_tokens": 5}"""], "Model a/b" },
        { ["a/b", "--speculative-config.model", "a/draft", "--speculative-config.method=eagle3"], "Model a/b\nDraft a/draft" },
        { ["a/b", "--speculative-model", "a/draft"], "Model a/b\nDraft a/draft" },
        { ["a/b", "--speculative-model", "[ngram]"], "Model a/b" },
        { ["a/b", "--served-model-name", "one", "two"], "Model a/b" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Reads_what_else_is_loaded(string[] args, string models)
    {
        var read = Args(args);

        Models(read).Should().Be(models);
        read.Unread.Should().BeEmpty();
    }

    public static TheoryData<string, string> Scripts => new()
    {
        { "vllm serve a/b", "Model a/b" },
        { "exec vllm serve 'a/b' --port 8000", "Model a/b" },
        { "vllm serve \"a/b\" --revision \"v\\\"1\"", "Model a/b@v\"1" },
        { "vllm serve a\\/b", "Model a/b" },
        { "pip install x && exec vllm serve a/b", "Model a/b" },
        { "cd /app; source venv/bin/activate; vllm serve a/b || sleep 1", "Model a/b" },
        { "HF_HOME=/x VLLM_USE_V1=1 vllm serve a/b", "Model a/b" },
        { "vllm serve a/b \\\n  --revision v1 \\\n  --port 8000\n", "Model a/b@v1" },
        { "vllm serve a/b > /tmp/log 2>&1 < /dev/null &\nwait", "Model a/b" },
        { "vllm serve a/b &> /tmp/log", "Model a/b" },
        { "# vllm serve no/pe\nvllm serve a/b # --revision nope", "Model a/b" },
        { "vllm serve a/b#c", "Model a/b#c" },
        { "cat <<EOF > /tmp/x\nvllm serve no/pe\nEOF\nvllm serve a/b", "Model a/b" },
        { "echo starting vllm serve model; exec vllm serve a/b", "Model a/b" },
        { "printf '%s' vllm serve model && [ -d vllm serve model ] || test vllm serve model; : vllm serve model; vllm serve a/b", "Model a/b" },
        { "echo sh -c 'vllm serve model'; vllm serve a/b", "Model a/b" },
        { "if true; then vllm serve a/b; fi", "Model a/b" },
        { "(vllm serve a/b)", "Model a/b" },
        { "{ vllm serve a/b; }", "Model a/b" },
        { "vllm serve a/one --port 1 & vllm serve a/two --port 2", "Model a/one\nModel a/two" },
        { "MODEL=a/b\nvllm serve $MODEL", "Model a/b" },
        { "export MODEL=a/b; vllm serve \"${MODEL}\"", "Model a/b" },
        { "vllm serve ${MODEL:-a/b}", "Model a/b" },
        { "ARGS='a/b --revision v1'; vllm serve $ARGS", "Model a/b@v1" },
        { "ARGS='a/b --revision v1'; vllm serve \"$ARGS\"", "Model a/b --revision v1" },
        { "bash -c 'vllm serve a/b'", "Model a/b" },
        { "bash -lc \"exec bash -c 'vllm serve a/b'\"", "Model a/b" },
        { "nohup vllm serve a/b &", "Model a/b" },
        { "echo \"$((1+2))\" && vllm serve a/b", "Model a/b" },
        { "vllm serve a/b --port '$PORT'", "Model a/b" },
        { "vllm serve 'unterminated", "Model unterminated" },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Reads_what_a_shell_runs(string script, string models)
    {
        var read = Script(script);

        Models(read).Should().Be(models);
        read.Unread.Should().BeEmpty();
    }

    public static TheoryData<string[], string[]> Shells => new()
    {
        { ["bash", "-lc"], ["vllm serve a/b"] },
        { ["/bin/bash", "-euxo", "pipefail", "-c"], ["vllm serve a/b"] },
        { ["bash", "-o", "errexit", "-c"], ["vllm serve a/b"] },
        { ["bash", "-c", "-e"], ["vllm serve a/b"] },
        { ["sh", "-c", "vllm serve $0 --port $1"], ["a/b", "8000"] },
        { ["sh", "-c", "vllm serve \"$@\""], ["_", "a/b", "--port", "8000"] },
        { ["sh", "-c", "exec vllm \"$@\"", "--"], ["serve", "a/b"] },
        { ["bash", "--login", "-c"], ["vllm serve a/b"] },
    };

    [Theory]
    [MemberData(nameof(Shells))]
    public void Finds_the_script_of_a_shell(string[] command, string[] args)
    {
        var read = Command(new JsonObject
        {
            ["command"] = new JsonArray([.. command.Select(word => (JsonNode)word)]),
            ["args"] = new JsonArray([.. args.Select(word => (JsonNode)word)]),
        }.ToJsonString());

        Models(read).Should().Be("Model a/b");
    }

    [Theory]
    [InlineData("vllm serve $MODEL", "", "$MODEL")]
    [InlineData("vllm serve a/b $EXTRA", "Model a/b", "$EXTRA")]
    [InlineData("vllm serve $FLAGS a/b", "Model a/b", "$FLAGS")]
    [InlineData("vllm serve a/b --revision $(cat /rev)", "Model a/b", "$(…)")]
    [InlineData("vllm serve a/b --revision `cat /rev`", "Model a/b", "`…`")]
    [InlineData("vllm serve a/b --config /etc/vllm.yaml", "Model a/b", "--config /etc/vllm.yaml")]
    [InlineData("vllm serve --config=/etc/vllm.yaml", "", "--config /etc/vllm.yaml")]
    [InlineData("vllm serve a/b --speculative-config nonsense", "Model a/b", "--speculative-config")]
    [InlineData("vllm serve ${MODEL%x}", "", "${MODEL%x}")]
    [InlineData("for m in a/b a/c; do vllm serve $m; done", "", "$m")]
    [InlineData("MODEL=$(cat /m); vllm serve $MODEL", "", "$MODEL")]
    public void Says_what_only_the_running_container_knows(string script, string models, string unread)
    {
        var read = Script(script);

        Models(read).Should().Be(models);
        read.Unread.Should().Equal(unread);
        read.IsVllm.Should().BeTrue();
    }

    [Theory]
    [InlineData("vllm serve a/b --port \"$PORT\"")]
    [InlineData("vllm serve a/b --api-key \"$(cat /key)\"")]
    public void Does_not_mind_an_unknown_value_that_can_be_no_option(string script) => Script(script).Unread.Should().BeEmpty();

    [Fact]
    public void Replaces_references_as_the_kubelet_does()
    {
        var read = Command("""
            {
              "command": ["vllm", "serve", "$(OWNER)/$(NAME)", "--revision=$(REVISION)", "--served-model-name", "$$(NAME)"],
              "env": [
                { "name": "OWNER", "value": "a" },
                { "name": "NAME", "value": "$(OWNER)-b" },
                { "name": "REVISION", "value": "$(LATER)" },
                { "name": "LATER", "value": "v1" }
              ]
            }
            """);

        // A value sees only the variables above it, and what is not set stays as it is.
        Models(read).Should().Be("Model a/a-b@$(LATER)");
    }

    [Fact]
    public void Takes_the_last_of_two_variables()
    {
        var read = Command("""
            { "command": ["vllm", "serve", "$(M)"], "env": [{ "name": "M", "value": "a/b" }, { "name": "M", "value": "$(M)-c" }] }
            """);

        Models(read).Should().Be("Model a/b-c");
    }

    [Theory]
    [InlineData("""{ "name": "M", "valueFrom": { "configMapKeyRef": { "name": "c", "key": "k" } } }""", "[]")]
    [InlineData("""{ "name": "N", "value": "x" }""", """[{ "configMapRef": { "name": "c" } }]""")]
    public void Does_not_guess_a_value_from_elsewhere(string variable, string envFrom)
    {
        var read = Command($$"""{ "command": ["vllm", "serve", "$(M)"], "env": [{{variable}}], "envFrom": {{envFrom}} }""");

        Models(read).Should().BeEmpty();
        read.Unread.Should().Equal("M");
    }

    [Theory]
    [InlineData("vllm/vllm-openai:v0.11.0", true)]
    [InlineData("vllm/vllm-openai", true)]
    [InlineData("registry.example.com:5000/team/my-vllm@sha256:0123", true)]
    [InlineData("rocm/vllm-dev:nightly", true)]
    [InlineData("docker.io/library/VLLM_CPU:1", true)]
    [InlineData("vllm/router:1", false)]
    [InlineData("lmcache/vllm-router:1", false)]
    [InlineData("vllm/vllm-metrics-exporter", false)]
    [InlineData("nginx:vllm", false)]
    [InlineData("nginx@sha256:vllm", false)]
    [InlineData("tvllmx", false)]
    public void Knows_vllm_by_its_image(string image, bool isVllm) => Command($$"""{ "image": "{{image}}" }""").IsVllm.Should().Be(isVllm);

    [Fact]
    public void Reads_the_arguments_of_an_unknown_image_only_where_somebody_chose_it()
    {
        const string container = """{ "image": "mycorp/llm:1", "args": ["--model", "a/b"] }""";

        Command(container).Lines.Should().BeEmpty();
        Models(Command(container, isChosen: true)).Should().Be("Model a/b");
    }

    [Fact]
    public void Gives_up_on_variables_that_double_without_bound()
    {
        var env = new JsonArray(new JsonObject { ["name"] = "V0", ["value"] = "0123456789" });
        for (var i = 1; i <= 64; i++)
            env.Add(new JsonObject { ["name"] = $"V{i}", ["value"] = $"$(V{i - 1})$(V{i - 1})" });

        var read = Script("vllm serve a/b $V64 $V64", env);

        Models(read).Should().Be("Model a/b");
        read.Unread.Should().Equal("$V64");
    }

    [Fact]
    public void Gives_up_on_a_script_that_repeats_a_long_value()
    {
        var env = new JsonArray(new JsonObject { ["name"] = "V", ["value"] = new string('x', 60_000) });

        var read = Script("vllm serve a/b " + string.Concat(Enumerable.Repeat("$V ", 50_000)), env);

        read.Unread.Should().Contain("a very long value");
    }

    [Fact]
    public void Gives_up_on_a_script_that_starts_itself()
    {
        // Read without a bound for all shells together, this would be sixteen times as many scripts at each of eight depths.
        var script = string.Concat(Enumerable.Repeat("sh -c \"$V\"; ", 4_000));
        var env = new JsonArray(new JsonObject { ["name"] = "V", ["value"] = script });

        var read = Script("vllm serve a/b; sh -c \"$V\"", env);

        Models(read).Should().Be("Model a/b");
    }
}
