using System.Text.Json.Nodes;
using Stevedore.Contract;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Preview;

namespace Stevedore.Webhook.Tests.Preview;

public sealed class PreviewTests : IDisposable
{
    private const string Service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: llama\nspec:\n  ports:\n  - port: 8000\n";

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: llama
          namespace: inference
        spec:
          replicas: 1e1
          template:
            metadata:
              annotations:
                stevedore.dev/model: hf://Qwen/Qwen3-8B
                note: "yes"
            spec:
              containers:
              - name: vllm

        """;

    private readonly PreviewRun _preview = new();

    public void Dispose() => _preview.Dispose();

    [Fact]
    public void A_deployment_in_a_file_of_several_documents_gets_its_template_changed_and_the_rest_passes()
    {
        _preview.Run($"# comment\n---\n{Service}---\n{Deployment}").Should().Be(ExitCode.Done);

        _preview.Output.Should().Be($"""
            {Service}---
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: llama
              namespace: inference
            spec:
              replicas: 1e1
              template:
                metadata:
                  annotations:
                    stevedore.dev/model: hf://Qwen/Qwen3-8B
                    note: "yes"
                    stevedore.dev/status: {"\"{}\""}
                spec:
                  containers:
                  - name: vllm
                    env:
                    - name: A
                      value: "1"

            """);
        _preview.Error.Should().BeEmpty();
        var pod = _preview.Asked.Should().ContainSingle().Subject;
        pod.Namespace.Should().Be("inference");
        pod.Door.Should().Be(Door.Explicit);
    }

    [Fact]
    public void The_pod_that_is_decided_on_is_the_one_that_the_template_makes()
    {
        JsonNode? pod = null;
        _preview.Run(Deployment, decide: request =>
        {
            pod = JsonNode.Parse(request.Pod.GetRawText());
            return _preview.Answer;
        });

        JsonNode.DeepEquals(pod, JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"stevedore.dev/model":"hf://Qwen/Qwen3-8B","note":"yes"}},"spec":{"containers":[{"name":"vllm"}]}}
            """)).Should().BeTrue(pod!.ToJsonString());
    }

    [Theory]
    [InlineData("v1", "Pod", "")]
    [InlineData("v1", "ReplicationController", "/spec/template")]
    [InlineData("apps/v1", "Deployment", "/spec/template")]
    [InlineData("apps/v1", "StatefulSet", "/spec/template")]
    [InlineData("apps/v1beta2", "DaemonSet", "/spec/template")]
    [InlineData("apps/v1", "ReplicaSet", "/spec/template")]
    [InlineData("batch/v1", "Job", "/spec/template")]
    [InlineData("batch/v1", "CronJob", "/spec/jobTemplate/spec/template")]
    [InlineData("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "/spec/leaderWorkerTemplate/leaderTemplate", "/spec/leaderWorkerTemplate/workerTemplate")]
    public void Every_kind_that_makes_pods_is_changed_where_it_keeps_them(string apiVersion, string kind, params string[] templates)
    {
        JsonObject Template() => JsonNode.Parse("""{"metadata":{"annotations":{}},"spec":{"containers":[{"name":"vllm"}]}}""")!.AsObject();
        var document = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        foreach (var template in templates)
        {
            if (template.Length == 0)
            {
                foreach (var (key, value) in Template())
                    document[key] = value!.DeepClone();
                continue;
            }

            var parts = template.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var parent = document;
            foreach (var part in parts[..^1])
                parent = (parent[part] ??= new JsonObject()).AsObject();
            parent[parts[^1]] = Template();
        }

        _preview.Run(document.ToJsonString(), PreviewOutput.Patch).Should().Be(ExitCode.Done);

        var patch = JsonNode.Parse(_preview.Output)!.AsArray();
        patch.Select(o => o!["path"]!.GetValue<string>()).Should().Equal(templates.SelectMany(
            t => new[] { $"{t}/spec/containers/0/env", $"{t}/metadata/annotations/stevedore.dev~1status" }));
        _preview.Asked.Should().HaveCount(templates.Length);
    }

    [Theory]
    [InlineData("example.com/v1", "Deployment")]
    [InlineData("serving.knative.dev/v1", "Service")]
    [InlineData("v1", "ConfigMap")]
    public void Other_kinds_pass_unchanged(string apiVersion, string kind)
    {
        var document = $"apiVersion: {apiVersion}\nkind: {kind}\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n";

        _preview.Run(document).Should().Be(ExitCode.Done);

        _preview.Output.Should().Be(document);
        _preview.Asked.Should().BeEmpty();
    }

    [Fact]
    public void One_document_gives_one_object_and_several_a_list_in_json()
    {
        _preview.Run(Deployment, PreviewOutput.Json);
        JsonNode.Parse(_preview.Output)!["kind"]!.GetValue<string>().Should().Be("Deployment");

        _preview.Run($"{Deployment}---\n{Service}", PreviewOutput.Json);

        var list = JsonNode.Parse(_preview.Output)!;
        list["kind"]!.GetValue<string>().Should().Be("List");
        list["items"]!.AsArray().Select(i => i!["kind"]!.GetValue<string>()).Should().Equal("Deployment", "Service");
    }

    [Theory]
    [InlineData("v1", "List")]
    [InlineData("apps/v1", "DeploymentList")]
    public void The_items_of_a_list_are_changed_in_it(string apiVersion, string kind)
    {
        var item = PreviewRun.ReadOne(Deployment).ToJsonString();

        _preview.Run($$"""{"apiVersion":"{{apiVersion}}","kind":"{{kind}}","items":[{{item}},{{item}}]}""");

        var list = PreviewRun.ReadOne(_preview.Output);
        list["items"]!.AsArray().Should().HaveCount(2).And.OnlyContain(i => i!["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] != null);
    }

    [Fact]
    public void Patches_of_several_objects_say_whose_they_are()
    {
        _preview.Run($"{Service}---\n{Deployment}", PreviewOutput.Patch).Should().Be(ExitCode.Done);

        var patches = JsonNode.Parse(_preview.Output)!.AsArray();
        patches[0]!.ToJsonString().Should().Be("""{"object":{"apiVersion":"v1","kind":"Service","name":"llama"},"patch":[]}""");
        patches[1]!["object"]!.ToJsonString().Should().Be("""{"apiVersion":"apps/v1","kind":"Deployment","namespace":"inference","name":"llama"}""");
        patches[1]!["patch"]![0]!["path"]!.GetValue<string>().Should().Be("/spec/template/spec/containers/0/env");
    }

    [Fact]
    public void A_skip_is_told_and_is_no_failure()
    {
        _preview.Answer = new PodAnswer(PodOutcome.Skipped, "OptedOut", "The pod opted out.", ["stevedore: something else"], default);

        _preview.Run(Deployment).Should().Be(ExitCode.Done);

        _preview.Error.TrimEnd('\n').Split('\n').Should().Equal(
            "stevedore-webhook: Deployment inference/llama: skipped (OptedOut): The pod opted out.",
            "stevedore-webhook: Deployment inference/llama: warning: stevedore: something else");
        JsonNode.DeepEquals(PreviewRun.ReadOne(_preview.Output), PreviewRun.ReadOne(Deployment)).Should().BeTrue();
    }

    [Fact]
    public void A_denial_is_told_ends_with_65_and_prints_nothing_that_could_be_applied()
    {
        _preview.Answer = new PodAnswer(PodOutcome.Denied, "PathTaken", "The path is taken.", [], default);

        _preview.Run($"{Service}---\n{Deployment}").Should().Be(ExitCode.WrongContent);

        _preview.Error.TrimEnd('\n').Split('\n').Should().Equal("stevedore-webhook: Deployment inference/llama: denied (PathTaken): The path is taken.");
        _preview.Output.Should().BeEmpty();
    }

    [Fact]
    public void Namespace_labels_and_door_come_from_the_command_line()
    {
        _preview.Run("apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-, annotations: {}}\nspec: {containers: [{name: a}]}\n", door: Door.Detected);

        var pod = _preview.Asked.Single();
        (pod.Namespace, pod.Door, pod.NamespaceLabels["team"]).Should().Be(("elsewhere", Door.Detected, "search"));
    }

    [Fact]
    public void An_operation_with_a_source_is_moved_whole_and_digits_survive()
    {
        _preview.Answer = PreviewRun.Injected("""[{"op":"copy","from":"/spec/containers/0","path":"/spec/containers/-"}]""");

        _preview.Run(Deployment.Replace("- name: vllm", "- name: vllm\n        x: 12345678901234567890.12", StringComparison.Ordinal)).Should().Be(ExitCode.Done);

        var containers = PreviewRun.ReadOne(_preview.Output)["spec"]!["template"]!["spec"]!["containers"]!;
        containers.ToJsonString().Should().Be("""[{"name":"vllm","x":12345678901234567890.12},{"name":"vllm","x":12345678901234567890.12}]""");
    }
}
