using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Stevedore.Webhook.Tests.Cluster;

public sealed class ClusterPolicyTests
{
    [Fact]
    public async Task A_valid_policy_is_in_force_and_says_so()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("p", "{ priority: 1 }");
        await using var replica = await Watching.StartAsync(server, writesStatus: true);

        var ready = await ReadyAsync(server, "p");

        ready["status"]!.ToString().Should().Be("True");
        ready["reason"]!.ToString().Should().Be("Valid");
        ready["observedGeneration"]!.GetValue<long>().Should().Be(1);
        replica.Policies.Current.Named("p")!.Generation.Should().Be(1);
    }

    [Fact]
    public async Task A_generation_that_is_wrong_leaves_the_last_valid_one_in_force_and_says_what_is_wrong()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("p", "{ priority: 1 }");
        await using var replica = await Watching.StartAsync(server, writesStatus: true);
        var since = (await ReadyAsync(server, "p"))["lastTransitionTime"]!.ToString();

        server.SetPolicy("p", "{ priority: 2, fetcher: { resources: { requests: { cpu: lots } } } }");
        var ready = await ReadyAsync(server, "p", generation: 2);

        ready["status"]!.ToString().Should().Be("False");
        ready["message"]!.ToString().Should().Be(
            "This generation is not in force, and generation 1 stays: spec.fetcher.resources.requests.cpu: is \"lots\"; write a quantity such as 500m or 2Gi.");
        since.Should().MatchRegex("^20..-..-..T..:..:..Z$");
        replica.Policies.Current.Named("p")!.Priority.Should().Be(1);
        replica.Policies.Counts.Refused.Should().Be(1);
        replica.Logs.All.Should().ContainSingle(line => line.Contains("Policy p, generation 2, is not taken into use, and generation 1 stays", StringComparison.Ordinal));

        server.SetPolicy("p", "{ priority: 3 }");
        (await ReadyAsync(server, "p", generation: 3))["status"]!.ToString().Should().Be("True");
        replica.Policies.Current.Named("p")!.Priority.Should().Be(3);
        replica.Policies.Counts.Refused.Should().Be(0);
    }

    [Fact]
    public async Task A_policy_that_was_never_valid_is_no_part_of_the_set()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("bad", "{ strategy: Sharde }");
        server.SetPolicy("good", "{}");
        await using var replica = await Watching.StartAsync(server, writesStatus: true);

        (await ReadyAsync(server, "bad"))["message"]!.ToString().Should().StartWith("This generation is not in force: spec.strategy: is \"Sharde\"; did you mean Shared?");
        replica.Policies.Current.Ranked.Select(policy => policy.Name).Should().Equal("good");
    }

    [Fact]
    public async Task An_object_made_anew_under_the_same_name_inherits_nothing()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("p", "{}");
        await using var replica = await Watching.StartAsync(server);

        server.Delete(FakeApiServer.Policies, "p");
        server.SetPolicy("p", "{ strategy: Sharde }");
        await Watching.UntilAsync(() => replica.Policies.Counts is { InForce: 0, Refused: 1 }, "the new object is refused");
    }

    [Fact]
    public async Task Several_replicas_write_a_status_once()
    {
        await using var server = await FakeApiServer.StartAsync();
        for (var i = 0; i < 20; i++)
            server.SetPolicy($"p{i}", i % 4 == 0 ? "{ strategy: Sharde }" : "{}");
        await using var one = await Watching.StartAsync(server, writesStatus: true);
        await using var other = await Watching.StartAsync(server, writesStatus: true);
        await using var third = await Watching.StartAsync(server, writesStatus: true);

        for (var i = 0; i < 20; i++)
            await ReadyAsync(server, $"p{i}");
        var before = Version(server);
        await Watching.UntilAsync(
            () => new[] { one, other, third }.All(replica => Enumerable.Range(0, 20).All(i => replica.Policies.VerdictOn($"p{i}") is { IsUntold: false })), "all have seen it");

        Version(server).Should().Be(before);
        Enumerable.Range(0, 20).Sum(i => server.Stored(FakeApiServer.Policies, $"p{i}")["metadata"]!["generation"]!.GetValue<long>()).Should().Be(20);
    }

    [Fact]
    public async Task What_the_status_says_already_is_not_written_again()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("p", "{}");
        await using (await Watching.StartAsync(server, writesStatus: true))
            await ReadyAsync(server, "p");

        await using var late = await Watching.StartAsync(server, writesStatus: true);
        server.SetPolicy("q", "{}");
        await ReadyAsync(server, "q");

        server.Count($"{FakeApiServer.Policies}/p/status", "PATCH").Should().Be(1);
    }

    [Fact]
    public async Task Decisions_do_not_depend_on_whether_the_status_can_be_written()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("p", "{}");
        server.Refuse = request => HttpMethods.IsPatch(request.Method) ? HttpStatusCode.Forbidden : null;
        await using var replica = await Watching.StartAsync(server, writesStatus: true);

        await replica.Logs.UntilAsync("The status of policy p can't be written", TestContext.Current.CancellationToken);

        replica.Policies.Current.Named("p").Should().NotBeNull();
    }

    private static async Task<JsonObject> ReadyAsync(FakeApiServer server, string name, long generation = 1)
    {
        JsonObject? Status() => server.Stored(FakeApiServer.Policies, name)["status"] as JsonObject;
        await Watching.UntilAsync(() => Status()?["observedGeneration"]?.GetValue<long>() == generation, $"a status of {name}, generation {generation}");
        return Status()!["conditions"]!.AsArray().Single()!.AsObject();
    }

    private static long Version(FakeApiServer server) => Enumerable.Range(0, 20).Max(i =>
        long.Parse(server.Stored(FakeApiServer.Policies, $"p{i}")["metadata"]!["resourceVersion"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture));
}
