using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>The published fetcher against a real store over the network.</summary>
public sealed class S3ServerTests : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private const string Model = "s3://models/llama/";
    private Quay _quay = null!;
    private S3Server _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await S3Server.OpenAsync();
        _quay = await Quay.OpenAsync();
        foreach (var (name, value) in _store.Environment)
            _quay.Environment[name] = value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_quay is not null)
            await _quay.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_prefix_is_fetched_verified_and_kept_under_its_stores_name()
    {
        var weights = Bytes(3 * Mebi);
        await _store.PutAsync("llama/config.json", "{}");
        await _store.PutAsync("llama/sub/a b+c&ü.json", "odd");
        await _store.PutAsync("llama/model.safetensors", weights);
        await _store.PutAsync("llama2/not-this.json", "{}");

        var run = await FetchAsync();

        run.Code.Should().Be(0, run.Errors);
        run.Errors.Should().NotContain("no digest", "an object in one piece has its MD5 for an ETag");
        run.Lines[0].Should().StartWith($"{_quay.Cache}/models/s3/127.0.0.1+{_store.Endpoint.Port}/models/llama/");
        File.ReadAllBytes(Path.Combine(run.Lines[0], "model.safetensors")).Should().Equal(weights);
        File.ReadAllText(Path.Combine(run.Lines[0], "sub/a b+c&ü.json")).Should().Be("odd");
        Directory.EnumerateFiles(run.Lines[0], "*", SearchOption.AllDirectories).Should().HaveCount(3);
        (await _quay.RunAsync("verify", Model, "--cache", _quay.Cache)).Code.Should().Be(0);
    }

    [Fact]
    public async Task An_updated_prefix_is_a_new_version_and_only_what_changed_is_fetched()
    {
        await _store.PutInPartsAsync("llama/model.safetensors", Bytes(12 * Mebi));
        await _store.PutAsync("llama/config.json", "{}");
        var before = await FetchAsync();
        await _store.PutAsync("llama/config.json", "{\"new\":1}");

        var after = await FetchAsync();

        after.Code.Should().Be(0, after.Errors);
        after.Lines[0].Should().NotBe(before.Lines[0]);
        after.Errors.Should().Contain("done: 0.0 MiB fetched, 12.0 MiB were there");
        File.ReadAllText(Path.Combine(after.Lines[0], "config.json")).Should().Be("{\"new\":1}");
        File.ReadAllText(Path.Combine(before.Lines[0], "config.json")).Should().Be("{}");
    }

    [Fact]
    public async Task More_objects_than_a_page_has_are_all_fetched()
    {
        await Parallel.ForAsync(0, 1_050, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await _store.PutAsync($"llama/f/{i:0000}.json", $"{i}"));

        var run = await FetchAsync();

        run.Code.Should().Be(0, run.Errors);
        Directory.EnumerateFiles(run.Lines[0], "*", SearchOption.AllDirectories).Should().HaveCount(1_050);
        File.ReadAllText(Path.Combine(run.Lines[0], "f/1049.json")).Should().Be("1049");
    }

    [Fact]
    public async Task A_killed_fetch_goes_on_where_it_stopped()
    {
        await _store.PutAsync("llama/model.safetensors", Bytes(64 * Mebi));
        using (var run = FetcherRun.Start(_quay.Environment, ["fetch", Model, "--cache", _quay.Cache, "--connections", "1"]))
        {
            var partial = Path.Combine(_quay.Cache, ".stevedore/partial");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(50));
            while (!Directory.Exists(partial) || !Directory.EnumerateFiles(partial, "*.journal").Any())
                await Task.Delay(1, limit.Token);
            run.SendKill();
            await run.EndAsync();
        }

        var again = await FetchAsync();

        again.Code.Should().Be(0, again.Errors);
        File.ReadAllBytes(Path.Combine(again.Lines[0], "model.safetensors")).Should().Equal(Bytes(64 * Mebi));
    }

    [Theory]
    [InlineData("s3://nobody/llama/", 66, "no bucket nobody")]
    [InlineData("s3://models/nothing/", 66, "holds no file")]
    public async Task What_is_not_there_is_66(string reference, int code, string sentence)
    {
        var run = await _quay.RunAsync("fetch", reference, "--cache", _quay.Cache);

        run.Code.Should().Be(code, run.Errors);
        run.Sentence.Should().Contain(sentence);
    }

    [Fact]
    public async Task A_key_that_the_store_does_not_know_is_77()
    {
        _quay.Environment["AWS_ACCESS_KEY_ID"] = "AKIDNOBODY";

        var run = await FetchAsync();

        run.Code.Should().Be(77, run.Errors);
        run.Sentence.Should().Contain("InvalidAccessKeyId");
        run.Errors.Should().NotContain("AKIDNOBODY");
    }

    [Fact]
    public async Task A_store_that_is_down_serves_what_was_published()
    {
        await _store.PutAsync("llama/config.json", "{}");
        var before = await FetchAsync();
        await _store.DisposeAsync();

        var after = await FetchAsync();

        after.Code.Should().Be(0, after.Errors);
        after.Lines.Should().Equal(before.Lines);
        _store = await S3Server.OpenAsync();
    }

    [Fact]
    public async Task A_model_of_the_hub_is_copied_into_the_store_and_fetched_from_there_under_its_own_name()
    {
        var commit = _quay.Publish(20 * Mebi).Find("main")!.Sha;
        var copy = await _quay.RunAsync("mirror", Quay.Model, "s3://models/hub/org/model/");
        copy.Code.Should().Be(0, copy.Errors);
        copy.Lines.Should().Equal("s3://models/hub/org/model/");
        (await _store.KeysAsync("hub/org/model/")).Should().Contain([".stevedore/manifest.json", "SHA256SUMS", "model.safetensors"]).And.NotContain(".stevedore/unfinished.json");
        var again = await _quay.RunAsync("mirror", Quay.Model, "s3://models/hub/org/model/");
        again.Errors.Should().Contain("done: 0.0 MiB fetched, 20.0 MiB were there");
        await _quay.Hub.PauseAsync();

        var run = await _quay.RunAsync("fetch", Quay.Model, "--cache", _quay.Cache, "--mirror", "hf://=s3://models/hub/");

        run.Code.Should().Be(0, run.Errors);
        run.Lines.Should().Equal($"{_quay.Cache}/hub/models--org--model/snapshots/{commit}");
        run.Errors.Should().Contain("comes from s3://models/hub/");
    }

    [Fact]
    public async Task A_killed_copy_is_never_taken_for_a_whole_one_and_is_gone_on_with()
    {
        _quay.Publish(48 * Mebi);
        using (var run = FetcherRun.Start(_quay.Environment, ["mirror", Quay.Model, "s3://models/hub/org/model/"]))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(50));
            while (!(await _store.KeysAsync("hub/org/model/")).Contains(".stevedore/unfinished.json"))
                await Task.Delay(5, limit.Token);
            run.SendKill();
            await run.EndAsync();
        }

        var keys = await _store.KeysAsync("hub/org/model/");
        if (!keys.Contains(".stevedore/manifest.json"))
        {
            (await _quay.RunAsync("fetch", Quay.Model, "--cache", _quay.Cache, "--mirror", "hf://=s3://models/hub/")).Code.Should().Be(66);
            (await _quay.RunAsync("fetch", "s3://models/hub/org/model/", "--cache", _quay.Cache)).Code.Should().Be(69);
        }

        (await _quay.RunAsync("mirror", Quay.Model, "s3://models/hub/org/model/")).Code.Should().Be(0);
        (await _quay.RunAsync("fetch", Quay.Model, "--cache", _quay.Cache, "--mirror", "hf://=s3://models/hub/")).Code.Should().Be(0);
    }

    [Fact]
    public async Task A_copy_into_a_bucket_that_is_not_there_is_66()
    {
        _quay.Publish(Mebi);

        var run = await _quay.RunAsync("mirror", Quay.Model, "s3://nobody/x/");

        run.Code.Should().Be(66, run.Errors);
        run.Sentence.Should().Contain("no bucket nobody");
    }

    private Task<Outcome> FetchAsync() => _quay.RunAsync("fetch", Model, "--cache", _quay.Cache, "--refresh", "0");

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
