using System.Diagnostics;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class LargePodTests
{
    private static InjectedPod Pod(int variables, int mounts, string value) => InjectedPod.From(new JsonObject
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["stevedore.dev/model"] = "hf://a/b" } },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "vllm",
                ["image"] = "vllm/vllm-openai",
                ["env"] = new JsonArray([.. Enumerable.Range(0, variables).Select(_ => new JsonObject { ["name"] = "SSL_CERT_DIR", ["value"] = value })]),
                ["volumeMounts"] = new JsonArray([.. Enumerable.Range(0, mounts).Select(i => new JsonObject { ["name"] = "v", ["mountPath"] = $"/m{i}" })]),
            }),
        },
    });

    private static string Directories(int count) => string.Join(':', Enumerable.Range(0, count).Select(i => $"/m{i}/certs"));

    [Theory]
    [InlineData(10_001, 0, "spec.containers.env has 10001 entries and at most 10000")]
    [InlineData(0, 1_001, "spec.containers.volumeMounts has 1001 entries and at most 1000")]
    public void Is_denied_beyond_what_any_pod_has(int variables, int mounts, string because) =>
        Pod(variables, mounts, "/m0").ShouldBeDenied(DenyReason.MalformedPod, because);

    [Fact]
    public void Costs_no_more_where_a_variable_is_set_thousands_of_times()
    {
        // Compared once an entry, 10,000 entries of 15 paths at 1,000 mounts are 150 million comparisons.
        var value = Directories(15);
        var pod = Large(10_000, 1_000, value);

        var started = Stopwatch.GetTimestamp();
        var inherited = Inheritance.From(pod, [Workload.Of(pod.Containers[0], isChosen: true)], [], isShared: false, new AdmissionWarnings());

        Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(2));
        inherited.Value!.Mounts.Should().HaveCount(15);
    }

    [Theory]
    [InlineData(20, 20, 0)]
    [InlineData(32, 32, 0)]
    [InlineData(33, 0, 1)]
    public void Takes_every_directory_of_a_list_or_none(int directories, int mounts, int warnings)
    {
        var pod = Pod(1, 40, Directories(directories)).ShouldBeInjected();

        pod.Fetcher["volumeMounts"]!.AsArray().Should().HaveCount(mounts + 2);
        pod.Answer.Warnings.Should().HaveCount(warnings);
    }

    private static Webhook.Pods.Pod Large(int variables, int mounts, string value)
    {
        var env = Enumerable.Range(0, variables).Select(_ => new JsonObject { ["name"] = "SSL_CERT_DIR", ["value"] = value });
        var container = CommandLines.ContainerBuilder.Read(new JsonObject
        {
            ["env"] = new JsonArray([.. env]),
            ["volumeMounts"] = new JsonArray([.. Enumerable.Range(0, mounts).Select(i => new JsonObject { ["name"] = "v", ["mountPath"] = $"/m{i}" })]),
        }.ToJsonString());
        return new Webhook.Pods.Pod([container], [], [], Webhook.Pods.SecurityContext.None, null, default, default);
    }
}
