using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Admission;

public sealed class AnswerTests
{
    [Theory]
    [InlineData("1.1", "explicit")]
    [InlineData("2.0", "explicit")]
    [InlineData("1.1", "detected")]
    [InlineData("2.0", "detected")]
    public async Task A_patch_comes_back_in_base64_with_the_uid_of_the_request(string version, string door)
    {
        const string Patch = """[{"op":"add","path":"/metadata/labels","value":{"é":"<+>"}}]""";
        var seen = new ConcurrentQueue<PodRequest>();
        await using var server = await RunningServer.StartAsync(request =>
        {
            seen.Enqueue(request);
            return new PodAnswer(PodOutcome.Injected, "None", null, ["stevedore: mind the gap"], Encoding.UTF8.GetBytes(Patch));
        });
        using var client = server.Client(Version.Parse(version));

        var response = await client.AnswerAsync(Reviews.Recorded, door);

        response["uid"]!.GetValue<string>().Should().Be(Reviews.Uid);
        response["allowed"]!.GetValue<bool>().Should().BeTrue();
        response["patchType"]!.GetValue<string>().Should().Be("JSONPatch");
        Encoding.UTF8.GetString(Convert.FromBase64String(response["patch"]!.GetValue<string>())).Should().Be(Patch);
        response["warnings"]!.AsArray().Select(w => w!.GetValue<string>()).Should().Equal("stevedore: mind the gap");
        response["auditAnnotations"]!.ToJsonString().Should().Be("""{"outcome":"Injected","reason":"None"}""");
        response["status"].Should().BeNull();
        var pod = seen.Should().ContainSingle().Subject;
        pod.Door.ToString().Should().BeEquivalentTo(door);
        pod.Namespace.Should().Be("inference");
        pod.NamespaceLabels.Should().BeEmpty();
        pod.Pod.GetProperty("metadata").GetProperty("name").GetString().Should().Be("vllm-minimal");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    public async Task Without_a_change_neither_patch_nor_type_is_sent(string patch)
    {
        await using var server = await RunningServer.StartAsync(_ => RunningServer.Skip with { Patch = Encoding.UTF8.GetBytes(patch) });
        using var client = server.Client();

        var response = await client.AnswerAsync(Reviews.Recorded);

        response.AsObject().Select(member => member.Key).Should().BeEquivalentTo("uid", "allowed", "auditAnnotations");
        response["allowed"]!.GetValue<bool>().Should().BeTrue();
        response["auditAnnotations"]!.ToJsonString().Should().Be("""{"outcome":"Skipped","reason":"NotRequested"}""");
    }

    [Fact]
    public async Task A_denial_says_why_with_a_code_and_a_reason()
    {
        await using var server = await RunningServer.StartAsync(
            _ => new PodAnswer(PodOutcome.Denied, "PathTaken", "The path /run/stevedore is taken; choose another.", [], default));
        using var client = server.Client();

        var response = await client.AnswerAsync(Reviews.Recorded);

        response["allowed"]!.GetValue<bool>().Should().BeFalse();
        response["status"]!.ToJsonString().Should().Be("""{"code":403,"reason":"PathTaken","message":"The path /run/stevedore is taken; choose another."}""");
        response["patch"].Should().BeNull();
        response["patchType"].Should().BeNull();
        server.Logs.All.Should().ContainSingle(line => line.Contains("denied (PathTaken)", StringComparison.Ordinal)).Which.Should().Contain(Reviews.Uid);
    }

    [Theory]
    [InlineData("""{"operation":"UPDATE"}""")]
    [InlineData("""{"operation":"DELETE","object":null}""")]
    [InlineData("""{"operation":"CONNECT"}""")]
    [InlineData("""{"subResource":"ephemeralcontainers"}""")]
    [InlineData("""{"resource":{"group":"apps","version":"v1","resource":"deployments"}}""")]
    [InlineData("""{"resource":{"group":"","version":"v1","resource":"services"}}""")]
    [InlineData("""{"object":"pod"}""")]
    public async Task What_is_not_a_new_pod_passes_untouched(string change)
    {
        await using var server = await RunningServer.StartAsync(_ => throw new InvalidOperationException("must not be asked"));
        using var client = server.Client();
        var review = Reviews.Recorded;
        foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
            review["request"]![key] = value?.DeepClone();

        var response = await client.AnswerAsync(review);

        response["allowed"]!.GetValue<bool>().Should().BeTrue();
        response["patch"].Should().BeNull();
        response["uid"]!.GetValue<string>().Should().Be(Reviews.Uid);
    }

    [Fact]
    public async Task At_the_explicit_door_a_failure_inside_is_a_denial_that_names_the_uid_and_nothing_else()
    {
        await using var server = await RunningServer.StartAsync(_ => throw new InvalidOperationException("secret-of-the-pod"));
        using var client = server.Client();

        var response = await client.AnswerAsync(Reviews.Recorded);

        response["allowed"]!.GetValue<bool>().Should().BeFalse();
        response["status"]!["code"]!.GetValue<int>().Should().Be(500);
        response["status"]!["message"]!.GetValue<string>().Should().Contain(Reviews.Uid).And.NotContain("secret").And.NotContain(" at ");
        server.Logs.All.Should().ContainSingle(line => line.StartsWith("Error", StringComparison.Ordinal))
            .Which.Should().Contain(Reviews.Uid).And.Contain("secret-of-the-pod");
    }

    [Fact]
    public async Task At_the_detected_door_a_failure_inside_is_a_bare_500()
    {
        await using var server = await RunningServer.StartAsync(_ => throw new InvalidOperationException("secret-of-the-pod"));
        using var client = server.Client();

        using var body = Reviews.Body(Reviews.Recorded);
        using var answer = await client.PostAsync(new Uri("/mutate/detected", UriKind.Relative), body, TestContext.Current.CancellationToken);

        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().BeEmpty();
        server.Logs.All.Should().ContainSingle(line => line.StartsWith("Error", StringComparison.Ordinal)).Which.Should().Contain(Reviews.Uid);
    }

    [Fact]
    public async Task After_a_failure_the_same_connection_serves_the_next_review()
    {
        var connections = 0;
        var asked = 0;
        await using var server = await RunningServer.StartAsync(
            _ => Interlocked.Increment(ref asked) == 1 ? throw new InvalidOperationException("once") : RunningServer.Skip);
        using var client = server.Client(connected: () => Interlocked.Increment(ref connections));

        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeFalse();
        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();

        connections.Should().Be(1);
    }
}
