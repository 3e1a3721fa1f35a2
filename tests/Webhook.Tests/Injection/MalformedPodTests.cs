using System.Text.Json;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class MalformedPodTests
{
    private static PodAnswer Answer(string json, Door door = Door.Explicit)
    {
        using var document = JsonDocument.Parse(json);
        return InjectedPod.Injector.Answer(new PodRequest(door, document.RootElement, "inference", InjectedPod.Enabled), PolicySet.Empty);
    }

    private const string Metadata = "\"metadata\": { \"annotations\": { \"stevedore.dev/model\": \"hf://a/b\" } }";

    [Theory]
    [InlineData("{ \"containers\": \"vllm\" }", "spec.containers is not a list")]
    [InlineData("{ \"containers\": [] }", "spec.containers has no container")]
    [InlineData("{ \"containers\": [ 1 ] }", "spec.containers[0] is not an object")]
    [InlineData("{ \"containers\": [ {} ] }", "has no name")]
    [InlineData("{ \"containers\": [ { \"name\": 1 } ] }", "a name in spec.containers is not a string")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"args\": [ 8000 ] } ] }", "args[0] is not a string (quote it)")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"args\": \"serve\" } ] }", "args is not a list")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"env\": {} } ] }", "env is not a list")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"env\": [ { \"name\": \"A\", \"value\": 1 } ] } ] }", "a value in spec.containers.env is not a string")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"volumeMounts\": [ { \"name\": \"v\" } ] } ] }", "has no mountPath")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"resources\": { \"requests\": { \"cpu\": \"much\" } } } ] }", "cpu is not a quantity")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\", \"securityContext\": { \"runAsUser\": \"me\" } } ] }", "runAsUser is not a whole number")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\" } ], \"volumes\": {} }", "spec.volumes is not a list")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\" } ], \"initContainers\": 7 }", "spec.initContainers is not a list")]
    [InlineData("{ \"containers\": [ { \"name\": \"\\ud800\" } ] }", "half a surrogate pair")]
    [InlineData("{ \"containers\": [ { \"name\": \"a\" } ], \"initContainers\": [ { \"name\": \"a\" } ] }", "two containers are called \"a\"")]
    [InlineData("[]", "spec is not an object")]
    public void Gets_a_sentence_that_names_the_place(string spec, string sentence)
    {
        var pod = $"{{ {Metadata}, \"spec\": {spec} }}";

        var denied = Answer(pod);
        denied.Outcome.Should().Be(PodOutcome.Denied);
        denied.Reason.Should().Be("MalformedPod");
        denied.Message.Should().Contain(sentence);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"pod\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"metadata\": [] }")]
    [InlineData("{ \"metadata\": { \"annotations\": \"x\", \"labels\": 7 }, \"spec\": 1 }")]
    public void Is_no_reason_to_fail_at_either_door(string json)
    {
        Answer(json).Outcome.Should().Be(PodOutcome.Skipped, "nothing in it asks");
        Answer(json, Door.Detected).Reason.Should().Be("MalformedPod");
    }

    [Fact]
    public void May_have_null_wherever_something_is_missing()
    {
        var pod = InjectedPod.FromYaml("""
            metadata: { labels: { stevedore.dev/inject: "true" }, annotations: }
            spec:
              volumes:
              initContainers:
              nodeSelector:
              securityContext:
              containers: [ { name: a, image: vllm/vllm-openai, command: , args: [a/b], env: , volumeMounts: , resources: , securityContext: } ]
            """).ShouldBeInjected();

        pod.Patch.Select(op => (string)op!["path"]!).Should().Equal(
            "/metadata/annotations", "/metadata/annotations/stevedore.dev~1status", "/spec/volumes", "/spec/initContainers", "/spec/containers/0/env", "/spec/containers/0/volumeMounts");
    }

    [Fact]
    public void May_have_no_metadata_at_all()
    {
        var pod = InjectedPod.FromYaml("spec: { containers: [ { name: a, image: vllm/vllm-openai, args: [a/b] } ] }", Door.Detected).ShouldBeInjected();

        pod.Patch.Select(op => (string)op!["path"]!).Should().StartWith(["/metadata", "/metadata/annotations", "/metadata/annotations/stevedore.dev~1status"]);
    }
}
