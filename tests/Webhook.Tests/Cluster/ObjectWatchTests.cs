using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Stevedore.Webhook.Tests.Cluster;

public sealed class ObjectWatchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Knows_what_was_there_and_what_changes()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a", ("tier", "gold"));
        server.SetPolicy("p", "{ priority: 1 }");
        await using var replica = await Watching.StartAsync(server);

        replica.Label("a", "tier").Should().Be("gold");
        replica.Policies.Current.Ranked.Single().Priority.Should().Be(1);

        server.SetNamespace("a", ("tier", "silver"));
        server.SetNamespace("b", ("tier", "iron"));
        server.SetPolicy("p", "{ priority: 2 }");
        await Watching.UntilAsync(() => replica.Label("a", "tier") == "silver" && replica.Namespaces.Count == 2, "namespaces followed");
        await Watching.UntilAsync(() => replica.Policies.Current.Ranked.Single().Priority == 2, "policies followed");

        server.Delete(FakeApiServer.Namespaces, "b");
        server.Delete(FakeApiServer.Policies, "p");
        await Watching.UntilAsync(() => replica.Namespaces.Count == 1 && replica.Policies.Current.Ranked.Count == 0, "deletions followed");
    }

    [Fact]
    public async Task Lists_in_pages()
    {
        await using var server = await FakeApiServer.StartAsync();
        for (var i = 0; i < 1201; i++)
            server.SetNamespace($"n{i}");
        for (var i = 0; i < 201; i++)
            server.SetPolicy($"p{i}", "{}");
        await using var replica = await Watching.StartAsync(server);

        replica.Namespaces.Count.Should().Be(1201);
        replica.Policies.Current.Ranked.Should().HaveCount(201);
        server.Count(FakeApiServer.Namespaces, "GET").Should().Be(3);
        server.Count(FakeApiServer.Policies, "GET").Should().Be(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watch_that_is_cut_every_second_loses_no_update(bool cuts)
    {
        await using var server = await FakeApiServer.StartAsync();
        server.OnWatch = (_, _) => new WatchFate { Lasts = TimeSpan.FromSeconds(1), Cuts = cuts };
        await using var replica = await Watching.StartAsync(server);

        // Six seconds of changes: one namespace is seen at each step, others change beside it, some go.
        var random = new Random(7);
        var expected = new Dictionary<string, string>();
        for (var step = 0; step < 60; step++)
        {
            for (var i = 0; i < 20; i++)
            {
                var name = $"n{random.Next(200)}";
                if (random.Next(5) == 0 && expected.Remove(name))
                    server.Delete(FakeApiServer.Namespaces, name);
                else
                    server.SetNamespace(name, ("step", expected[name] = $"{step}.{i}"));
            }

            server.SetNamespace("beacon", ("step", expected["beacon"] = Text(step)));
            server.SetPolicy("beacon", $"{{ priority: {step} }}");
            await Watching.UntilAsync(() => replica.Label("beacon", "step") == Text(step), "the beacon is seen");
            await Watching.UntilAsync(() => replica.Policies.Current.Ranked is [var policy] && policy.Priority == step, "the policy is seen");
            await Task.Delay(100, Cancellation);
        }

        await Watching.UntilAsync(() => replica.Namespaces.Count == expected.Count, "as many as there are");
        expected.Keys.Should().OnlyContain(name => replica.Label(name, "step") == expected[name]);
        server.Count(FakeApiServer.Namespaces, "WATCH").Should().BeGreaterThan(5);
        server.Count(FakeApiServer.Namespaces, "GET").Should().Be(1, "nothing had to be listed again");
    }

    [Fact]
    public async Task A_watch_that_is_cut_in_the_middle_of_changes_loses_none()
    {
        await using var server = await FakeApiServer.StartAsync();
        var random = new Random(11);
        server.OnWatch = (_, _) => new WatchFate { Lasts = TimeSpan.FromMilliseconds(random.Next(600)), Cuts = random.Next(2) == 0 };
        await using var replica = await Watching.StartAsync(server);

        for (var i = 0; i < 3000; i++)
        {
            server.SetNamespace($"n{i % 50}", ("step", Text(i)));
            if (i % 100 == 0)
                await Task.Delay(20, Cancellation);
        }

        await Watching.UntilAsync(() => Enumerable.Range(2950, 50).All(i => replica.Label($"n{i % 50}", "step") == Text(i)), "the last of all is known");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lists_again_where_the_server_has_forgotten(bool asEvent)
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("stays");
        server.SetNamespace("goes");
        var forgets = false;
        server.OnWatch = (_, number) => number == 1
            ? new WatchFate { Lasts = TimeSpan.FromMilliseconds(700), Bookmarks = false, IsSilent = true }
            : forgets && number <= 4 ? asEvent ? WatchFate.GoneAsEvent : WatchFate.Gone : WatchFate.Follow;
        await using var replica = await Watching.StartAsync(server);

        forgets = true;
        server.Delete(FakeApiServer.Namespaces, "goes");
        server.SetNamespace("comes", ("tier", "gold"));
        server.Compact();
        await Watching.UntilAsync(() => replica.Label("comes", "tier") == "gold", "what is new after the gap");

        replica.Namespaces.Count.Should().Be(2);
        server.SetNamespace("comes", ("tier", "silver"));
        await Watching.UntilAsync(() => replica.Label("comes", "tier") == "silver", "the watch goes on after the list");
    }

    [Fact]
    public async Task Goes_on_from_a_bookmark_where_all_before_it_is_forgotten()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a");
        server.OnWatch = (_, number) => number == 1 ? new WatchFate { Lasts = TimeSpan.FromSeconds(2) } : WatchFate.Follow;
        await using var replica = await Watching.StartAsync(server);

        // Of policies only: to the watch of namespaces this is a bookmark.
        for (var i = 0; i < 20; i++)
            server.SetPolicy("p", $"{{ priority: {i} }}");
        await Watching.UntilAsync(() => replica.Policies.Current.Ranked is [{ Priority: 19 }], "the last policy");
        server.Compact();
        await Watching.UntilAsync(() => server.Count(FakeApiServer.Namespaces, "WATCH") > 1, "a second watch");
        server.SetNamespace("a", ("tier", "gold"));
        await Watching.UntilAsync(() => replica.Label("a", "tier") == "gold", "followed");

        server.Count(FakeApiServer.Namespaces, "GET").Should().Be(1, string.Join("\n", replica.Logs.All));
    }

    [Theory]
    [InlineData("this is no event")]
    [InlineData("""{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Names""")]
    [InlineData("""{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}}""")]
    [InlineData("""{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Namespace"}}""")]
    [InlineData("""{"type":"NOVEL","object":{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","resourceVersion":"9999"}}}""")]
    [InlineData("[]")]
    public async Task Lists_again_after_a_line_that_can_not_be_read(string line)
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a", ("tier", "gold"));
        server.OnWatch = (_, number) => number == 1 ? new WatchFate { Line = line, IsSilent = true } : WatchFate.Follow;
        await using var replica = await Watching.StartAsync(server);

        server.SetNamespace("a", ("tier", "silver"));
        await Watching.UntilAsync(() => replica.Label("a", "tier") == "silver", "the watch recovers");

        server.Count(FakeApiServer.Namespaces, "GET").Should().Be(2, "what could not be read may have been an event");
    }

    [Fact]
    public async Task An_error_of_the_server_in_the_stream_is_no_reason_to_list_again()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a", ("tier", "gold"));
        var line = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"etcdserver: leader changed","code":500}}""";
        server.OnWatch = (_, number) => number == 1 ? new WatchFate { Line = line, IsSilent = true } : WatchFate.Follow;
        await using var replica = await Watching.StartAsync(server);

        server.SetNamespace("a", ("tier", "silver"));
        await Watching.UntilAsync(() => replica.Label("a", "tier") == "silver", "the watch recovers");

        server.Count(FakeApiServer.Namespaces, "GET").Should().Be(1, string.Join("\n", replica.Logs.All));
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "forbids to list or watch namespaces (403); the ClusterRole of the manifests allows it")]
    [InlineData(HttpStatusCode.Unauthorized, "does not accept the credentials (401)")]
    [InlineData(HttpStatusCode.NotFound, "knows no namespaces (404)")]
    [InlineData(HttpStatusCode.InternalServerError, "the API server answers 500")]
    [InlineData(HttpStatusCode.TooManyRequests, "the API server answers 429")]
    public async Task Waits_for_a_server_that_refuses_and_says_so_once(HttpStatusCode status, string sentence)
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a", ("tier", "gold"));
        server.Refuse = _ => status;
        await using var replica = await Watching.BeginAsync(server);

        await Watching.UntilAsync(() => server.Count(FakeApiServer.Namespaces, "GET") >= 3, "it tries again");
        replica.Hindrance.Should().Be("the policies of the cluster are not known yet");
        var ask = async () => await replica.Namespaces.OfAsync("a", Cancellation);
        await ask.Should().ThrowAsync<InvalidOperationException>();
        var decide = () => replica.Policies.Current;
        decide.Should().Throw<InvalidOperationException>("no policies is not the same as not knowing them");
        replica.Logs.All.Should().ContainSingle(line => line.Contains("The namespaces of the cluster can't be followed", StringComparison.Ordinal))
            .Which.Should().Contain(sentence).And.Contain("nothing is known of them yet");

        server.Refuse = _ => null;
        await Watching.UntilAsync(() => replica.Hindrance is null, "it opens");
        replica.Label("a", "tier").Should().Be("gold");
    }

    [Fact]
    public async Task A_server_that_is_gone_for_an_hour_leaves_all_as_it_was_and_is_caught_up_with()
    {
        var clock = new FakeTimeProvider();
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a", ("tier", "gold"));
        server.SetPolicy("p", "{ priority: 1 }");
        await using var replica = await Watching.StartAsync(server, clock);

        await server.StopAsync();
        await replica.Logs.UntilAsync("what is known of them stays in use", Cancellation, () => clock.Advance(TimeSpan.FromSeconds(1)));
        for (var minute = 0; minute < 60; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        replica.Hindrance.Should().BeNull();
        replica.Label("a", "tier").Should().Be("gold");
        replica.Policies.Current.Ranked.Single().Priority.Should().Be(1);

        server.SetNamespace("a", ("tier", "silver"));
        server.SetPolicy("p", "{ priority: 2 }");
        server.Compact();
        await server.ResumeAsync();
        await Watching.UntilAsync(
            () => replica.Label("a", "tier") == "silver" && replica.Policies.Current.Ranked.Single().Priority == 2, "it catches up", () => clock.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_connection_that_died_without_a_word_is_given_up()
    {
        var clock = new FakeTimeProvider();
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("a", ("tier", "gold"));
        server.OnWatch = (_, number) => new WatchFate { IsSilent = number == 1, Bookmarks = number > 1 };
        await using var replica = await Watching.StartAsync(server, clock);
        await Watching.UntilAsync(() => server.Count(FakeApiServer.Namespaces, "WATCH") == 1, "the silent watch");
        server.SetNamespace("a", ("tier", "silver"));

        await Watching.UntilAsync(() => replica.Label("a", "tier") == "silver", "a new watch", () => clock.Advance(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Asks_for_a_namespace_that_is_newer_than_the_watch_once_for_all_that_wait()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.OnWatch = (_, _) => new WatchFate { IsSilent = true, Bookmarks = false };
        await using var replica = await Watching.StartAsync(server);
        var held = new TaskCompletionSource();
        server.SetNamespace("new", ("tier", "gold"));
        server.Held = held.Task;

        var asked = Enumerable.Range(0, 50).Select(_ => replica.Namespaces.OfAsync("new", Cancellation).AsTask()).ToArray();
        await Watching.UntilAsync(() => server.Count($"{FakeApiServer.Namespaces}/new", "GET") == 1, "it asks");
        held.SetResult();

        (await Task.WhenAll(asked)).Should().OnlyContain(labels => labels["tier"] == "gold");
        server.Count($"{FakeApiServer.Namespaces}/new", "GET").Should().Be(1);
    }

    [Fact]
    public async Task Tells_apart_a_namespace_that_is_not_there_and_one_that_can_not_be_read()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var replica = await Watching.StartAsync(server);

        (await replica.Namespaces.OfAsync("nowhere", Cancellation)).Should().BeEmpty();
        server.Refuse = request => request.Path.Value!.EndsWith("/nowhere", StringComparison.Ordinal) ? HttpStatusCode.Forbidden : null;
        var ask = async () => await replica.Namespaces.OfAsync("nowhere", Cancellation);
        await ask.Should().ThrowAsync<InvalidOperationException>().WithMessage("The labels of namespace nowhere can't be read: *");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
