using System.Text;
using Stevedore.HubFixture;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

public sealed class FetchingTests : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private Quay _quay = null!;

    public async ValueTask InitializeAsync() => _quay = await Quay.OpenAsync();

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Fact]
    public async Task Fetch_prints_the_path_of_the_snapshot_alone_on_stdout()
    {
        var commit = _quay.Publish(3 * Mebi).Find("main")!;
        var run = await _quay.FetchAsync();
        run.Code.Should().Be(0, run.Errors);
        run.Output.Should().Be($"{_quay.Cache}/hub/models--org--model/snapshots/{commit.Sha}\n");
        run.ErrorLines[^1].Should().StartWith("done: 3.0 MiB fetched");
        _quay.FilesBelow($"cache/hub/models--org--model/snapshots/{commit.Sha}").Keys
            .Should().BeEquivalentTo("config.json", "tokenizer/vocab.txt", "model.safetensors");
        File.ReadAllText(_quay["cache/hub/models--org--model/refs/main"]).Should().Be(commit.Sha);
        File.ReadAllText(_quay.TerminationLog).Should().BeEmpty();
    }

    [Fact]
    public async Task A_second_run_makes_no_request()
    {
        _quay.Publish(3 * Mebi);
        var first = await _quay.FetchAsync();
        _quay.Hub.ResetLog();
        var second = await _quay.FetchAsync();
        second.Code.Should().Be(0, second.Errors);
        second.Output.Should().Be(first.Output);
        _quay.Hub.Log.Should().BeEmpty();
    }

    [Fact]
    public async Task A_run_with_refresh_0_asks_what_main_means_and_fetches_nothing()
    {
        _quay.Publish(3 * Mebi);
        await _quay.FetchAsync();
        _quay.Hub.ResetLog();
        var run = await _quay.FetchAsync("--refresh", "0");
        run.Code.Should().Be(0, run.Errors);
        _quay.Hub.Log.Should().ContainSingle().Which.Path.Should().EndWith("/revision/main");
    }

    [Fact]
    public async Task Two_processes_on_one_cache_fetch_each_byte_once()
    {
        var repository = _quay.Publish(24 * Mebi);
        // Slow enough that both are at it at the same time, which the Hub's log proves.
        var slow = _quay.Hub.Faults.Add(Fault.Slow(16 * Mebi).At(Listener.Cdn).Always());
        using var one = _quay.StartFetch("--progress", "none");
        using var other = _quay.StartFetch("--progress", "none");
        var runs = await Task.WhenAll(one.EndAsync(), other.EndAsync());
        runs.Should().OnlyContain(run => run.Code == 0);
        runs[0].Output.Should().Be(runs[1].Output);
        slow.Hits.Should().BePositive();
        _quay.Hub.Log.Count(exchange => exchange.Path.EndsWith("/revision/main", StringComparison.Ordinal)).Should().Be(2, "neither found the other's work done");
        _quay.Hub.Log.Where(exchange => exchange.Listener == Listener.Cdn).Sum(exchange => exchange.BytesSent).Should().Be(24 * Mebi);
        DigestOf(runs[0]).Should().Be(DigestAt(repository));
    }

    [Fact]
    public async Task Answers_cut_short_are_gone_on_with()
    {
        var repository = _quay.Publish(3 * Mebi);
        _quay.Hub.Faults.Add(Fault.Truncate(Mebi + 17).On("model.safetensors").At(Listener.Cdn));
        var run = await _quay.FetchAsync();
        run.Code.Should().Be(0, run.Errors);
        DigestOf(run).Should().Be(DigestAt(repository));
        _quay.Hub.Log.Where(exchange => exchange.Listener == Listener.Cdn).Sum(exchange => exchange.BytesSent).Should().BeLessThan(4 * Mebi, "what came is kept");
    }

    [Fact]
    public async Task A_Hub_that_compresses_for_whoever_does_not_refuse_gives_the_plain_bytes()
    {
        var text = string.Concat(Enumerable.Repeat("{\"a\":1}\n", 5000));
        _quay.Hub.AddRepository("org/model").AddFile("config.json", text).Publish();
        var run = await _quay.FetchAsync();
        run.Code.Should().Be(0, run.Errors);
        File.ReadAllText(Path.Combine(run.Lines[0], "config.json")).Should().Be(text);
        _quay.Hub.BytesServed.Should().Be(Encoding.UTF8.GetByteCount(text));
    }

    [Fact]
    public async Task A_Hub_that_compresses_all_the_same_is_told_off_and_nothing_of_it_is_published()
    {
        _quay.Publish(Mebi);
        _quay.Hub.Faults.Add(Fault.Gzip().Always());
        var run = await _quay.FetchAsync();
        run.Code.Should().NotBe(0);
        run.Output.Should().BeEmpty();
        run.Sentence.Should().Contain("gzip");
        _quay.FilesBelow("cache/hub/models--org--model/snapshots").Should().BeEmpty();
        _quay.FilesBelow("cache/hub/models--org--model/blobs").Should().BeEmpty();
    }

    [Fact]
    public async Task The_view_leads_to_the_pinned_commit_after_the_cache_was_moved_to_where_the_workload_mounts_it()
    {
        var repository = _quay.Publish(2 * Mebi);
        var pinned = repository.Find("main")!;
        var run = await _quay.FetchAsync("--view", _quay["view"], "--cache-seen-as", _quay["mounted"], "--as", "hf://org/model=/models/llama", "--as", "hf://org/model=llama");
        run.Code.Should().Be(0, run.Errors);
        run.Output.Should().Be($"{_quay["view"]}/hub/models--org--model/snapshots/{pinned.Sha}\n");

        var moved = repository.AddFile("config.json", "{}").Publish();
        (await _quay.FetchAsync("--refresh", "0")).Code.Should().Be(0);
        Directory.Move(_quay.Cache, _quay["mounted"]);
        File.ReadAllText(_quay["mounted/hub/models--org--model/refs/main"]).Should().Be(moved.Sha, "another pod has moved the branch");

        var commit = File.ReadAllText(_quay["view/hub/models--org--model/refs/main"]);
        commit.Should().Be(pinned.Sha);
        var seen = _quay.FilesBelow($"view/hub/models--org--model/snapshots/{commit}");
        seen.Keys.Should().BeEquivalentTo("config.json", "tokenizer/vocab.txt", "model.safetensors");
        seen["config.json"].Should().Be(Quay.DigestOf("{\"model_type\":\"llama\"}"u8), "that was its content at the pinned commit");
        seen["model.safetensors"].Should().Be(DigestAt(repository));
        _quay.FilesBelow("view/at/models/llama").Should().BeEquivalentTo(seen);
        File.ReadAllLines(_quay["view/redirect"]).Should().BeEquivalentTo($"org/model\t{run.Lines[0]}", $"llama\t{run.Lines[0]}");
    }

    private static string DigestOf(Outcome run) => Quay.DigestOf(File.ReadAllBytes(Path.Combine(run.Lines[0], "model.safetensors")));

    private static string DigestAt(Repository repository) => repository.Find("main")!.Files.Single(file => file.Path == "model.safetensors").Sha256!;
}
