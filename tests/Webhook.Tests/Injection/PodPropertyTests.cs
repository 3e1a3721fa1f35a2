using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>What holds for every pod, whatever is in it.</summary>
public sealed class PodPropertyTests
{
    private static readonly string[] OurVariables = ["HF_HUB_CACHE", "VLLM_MODEL_REDIRECT_PATH", "HF_HUB_OFFLINE"];

    [Fact]
    public void The_patch_applies_and_only_adds() => Sample((_, injected) =>
    {
        foreach (var operation in injected.Patch)
            ((string)operation!["op"]!).Should().Be("add");
    });

    [Fact]
    public void Nothing_changes_that_is_not_ours() => Sample((pod, injected) =>
    {
        var rest = injected.Pod.DeepClone();
        TakeOff(rest, pod);
        JsonNode.DeepEquals(WithoutEmpty(rest, pod), pod).Should().BeTrue($"\n{rest.ToJsonString()}\nshould be\n{pod.ToJsonString()}");
    });

    [Fact]
    public void The_second_time_changes_nothing() => Sample((_, injected) =>
    {
        foreach (var door in Enum.GetValues<Door>())
        {
            var again = InjectedPod.From(injected.Pod, door);
            if (injected.Answer.Outcome != PodOutcome.Injected || door != Door.Explicit)
                continue;
            again.Answer.Outcome.Should().Be(PodOutcome.Injected, again.Answer.Message ?? "");
            again.Patch.Should().BeEmpty();
        }
    });

    [Fact]
    public void An_answer_says_why_and_stays_within_the_bounds() => Sample((_, injected) =>
    {
        var answer = injected.Answer;
        answer.Warnings.Where(warning => warning.Length > 120).Should().BeEmpty();
        if (answer.Outcome == PodOutcome.Injected)
            injected.Patch.Should().NotBeEmpty();
        else
            answer.Message.Should().EndWith(".").And.NotContain("\n");
    });

    [Fact]
    public void The_detected_door_never_denies() => GenPod.Any.Sample(
        pod => InjectedPod.From(pod, Door.Detected).Answer.Outcome != PodOutcome.Denied, iter: 1_000);

    [Fact]
    public void Nonsense_anywhere_in_a_pod_is_no_reason_to_fail() => Gen.Select(GenPod.Any, Gen.Int[0, 1_000], GenPod.Nonsense).Sample(
        (pod, place, nonsense) =>
        {
            var broken = ReplaceOne(pod, place, nonsense);
            using var document = JsonDocument.Parse(broken.ToJsonString().Replace(GenPod.HalfCharacter, "\\ud800", StringComparison.Ordinal));
            foreach (var door in Enum.GetValues<Door>())
            {
                var answer = InjectedPod.Injector.Answer(new PodRequest(door, document.RootElement, "inference", InjectedPod.Enabled), PolicySet.Empty);
                InjectedPod.Apply(broken, answer.Patch);
            }
        },
        iter: 1_000);

    [Fact]
    public void Most_generated_pods_are_worth_the_test()
    {
        var outcomes = new Dictionary<string, int>();
        GenPod.Any.Sample(
            pod =>
            {
                var answer = InjectedPod.From(pod).Answer;
                lock (outcomes)
                    outcomes[answer.Reason] = outcomes.GetValueOrDefault(answer.Reason) + 1;
            },
            iter: 1_000);

        outcomes["None"].Should().BeGreaterThan(150, "a generator whose pods are all refused proves nothing: {0}", string.Join(", ", outcomes));
        outcomes.Should().HaveCountGreaterThan(8);
    }

    private static void Sample(Action<JsonNode, InjectedPod> check) => GenPod.Any.Sample(pod => check(pod, InjectedPod.From(pod)), iter: 1_000);

    /// <summary>Removes what the injector owns, as far as the pod did not have it before.</summary>
    private static void TakeOff(JsonNode pod, JsonNode before)
    {
        var spec = pod["spec"]!;
        RemoveNamed(spec["initContainers"], name => name == "stevedore-fetch");
        RemoveNamed(spec["volumes"], IsOurs);
        var containers = spec["containers"]!.AsArray();
        for (var i = 0; i < containers.Count; i++)
        {
            RemoveNamed(containers[i]!["volumeMounts"], IsOurs);
            var had = (before["spec"]!["containers"]![i]!["env"] as JsonArray ?? []).Select(v => (string)v!["name"]!).ToHashSet();
            RemoveNamed(containers[i]!["env"], name => OurVariables.Contains(name) && !had.Contains(name));
        }

        const string status = "stevedore.dev/status";
        if (pod["metadata"]?["annotations"] is not JsonObject annotations)
            return;
        if (before["metadata"]?["annotations"]?[status] is { } forged)
            annotations[status] = forged.DeepClone();
        else
            annotations.Remove(status);
        annotations.Remove("stevedore.dev/redirect");
    }

    private static bool IsOurs(string name) => name.StartsWith("stevedore-", StringComparison.Ordinal);

    private static void RemoveNamed(JsonNode? list, Predicate<string> isOurs)
    {
        if (list is not JsonArray items)
            return;
        foreach (var item in items.Where(item => isOurs((string)item!["name"]!)).ToList())
            items.Remove(item);
    }

    /// <summary>A list or map that we created is as good as none.</summary>
    private static JsonNode WithoutEmpty(JsonNode after, JsonNode before)
    {
        Restore(after, before, "metadata");
        if (before["metadata"] is { } metadata)
            Restore(after["metadata"]!, metadata, "annotations");
        Restore(after["spec"]!, before["spec"]!, "volumes");
        Restore(after["spec"]!, before["spec"]!, "initContainers");
        for (var i = 0; i < before["spec"]!["containers"]!.AsArray().Count; i++)
        {
            foreach (var name in new[] { "env", "volumeMounts" })
                Restore(after["spec"]!["containers"]![i]!, before["spec"]!["containers"]![i]!, name);
        }

        return after;
    }

    private static void Restore(JsonNode after, JsonNode before, string name)
    {
        var isEmpty = after[name] switch { JsonArray list => list.Count == 0, JsonObject map => map.All(m => m.Value is JsonObject { Count: 0 }), _ => false };
        if (!isEmpty || before[name] is not null)
            return;
        if (before.AsObject().ContainsKey(name))
            after[name] = null;
        else
            after.AsObject().Remove(name);
    }

    private static JsonNode ReplaceOne(JsonNode pod, int place, JsonNode? nonsense)
    {
        var copy = pod.DeepClone();
        var places = new List<Action>();
        Walk(copy, places, nonsense);
        places[place % places.Count]();
        return copy;
    }

    private static void Walk(JsonNode? node, List<Action> places, JsonNode? nonsense)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    places.Add(() => map[name] = nonsense?.DeepClone());
                    Walk(value, places, nonsense);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    var index = i;
                    places.Add(() => list[index] = nonsense?.DeepClone());
                    Walk(list[i], places, nonsense);
                }

                break;
        }
    }
}
