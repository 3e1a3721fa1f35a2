using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer;

public sealed class TransferEngineTests : IDisposable
{
    private const int Mebi = 1 << 20;
    private readonly TemporaryFolder _folder = new();
    private readonly FetchMeter _meter = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fetches_over_several_connections_and_publishes_what_matches_its_digest()
    {
        var content = Noise(50 * Mebi + 123);
        var origin = new ScriptedOrigin(content);
        Run(Item("a.safetensors", content, origin));
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
        origin.Asked.Sum(range => range.To - range.From).Should().Be(content.Length, "each byte is asked for once");
        origin.Asked.Should().HaveCount(4, "16 MiB are asked for at a time");
        Leftovers().Should().BeEmpty();
        _meter.BytesVerified.Should().Be(content.Length);
    }

    [Fact]
    public void Publishes_nothing_of_a_content_with_a_wrong_digest()
    {
        var content = Noise(3 * Mebi);
        var item = Item("a.safetensors", content, new ScriptedOrigin(Noise(3 * Mebi, seed: 2)));
        var run = () => Run(item);
        run.Should().Throw<FetchException>().Where(error => error.Code == ExitCode.WrongContent && error.Message.Contains("a.safetensors") && error.Message.Contains(item.Digest!.Hex));
        File.Exists(Target("a.safetensors")).Should().BeFalse();
        Leftovers().Should().BeEmpty("bytes that are known to be wrong are of no use to the next start");
    }

    [Fact]
    public void Publishes_nothing_of_a_small_file_with_a_wrong_digest()
    {
        var run = () => Run(Item("config.json", Noise(100), new ScriptedOrigin(Noise(100, seed: 2))));
        run.Should().Throw<FetchException>().Which.Code.Should().Be(ExitCode.WrongContent);
        File.Exists(Target("config.json")).Should().BeFalse();
    }

    [Fact]
    public void Asks_only_for_what_a_stopped_run_did_not_get()
    {
        var content = Noise(40 * Mebi);
        using var stop = new CancellationTokenSource();
        var first = new ScriptedOrigin(content)
        {
            OnOpen = (number, from, to) => number < 3 ? null : new CallbackStream(() => stop.Cancel()),
        };
        var run = () => Run([Item("a.safetensors", content, first)], connections: 1, cancellationToken: stop.Token);
        run.Should().Throw<OperationCanceledException>();

        var second = new ScriptedOrigin(content);
        Run(Item("a.safetensors", content, second));
        second.Asked.Sum(range => range.To - range.From).Should().Be(8 * Mebi);
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
    }

    [Fact]
    public void Fetches_once_more_when_what_an_earlier_run_left_turns_out_wrong()
    {
        var content = Noise(40 * Mebi);
        using var stop = new CancellationTokenSource();
        var lying = new ScriptedOrigin(Noise(40 * Mebi, seed: 2)) { OnOpen = (number, _, _) => number < 3 ? null : new CallbackStream(() => stop.Cancel()) };
        var stopped = () => Run([Item("a.safetensors", content, lying)], connections: 1, cancellationToken: stop.Token);
        stopped.Should().Throw<OperationCanceledException>();

        Run(Item("a.safetensors", content, new ScriptedOrigin(content)));
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
    }

    [Fact]
    public void Goes_on_behind_the_last_whole_block_when_a_connection_breaks()
    {
        var content = Noise(16 * Mebi);
        var origin = new ScriptedOrigin(content)
        {
            OnOpen = (number, from, to) => number == 1 ? new MemoryStream(content, 0, (5 * Mebi) + 100) : null,
        };
        Run(Item("a.safetensors", content, origin));
        origin.Asked.Should().Equal((0L, 16L * Mebi), (5L * Mebi, 16L * Mebi));
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
    }

    [Fact]
    public void What_was_hashed_before_a_connection_broke_is_not_replaced_by_what_the_next_one_says()
    {
        var content = Noise(3 * Mebi);
        var other = Noise(3 * Mebi, seed: 2);
        var origin = new ScriptedOrigin(content)
        {
            OnOpen = (number, _, _) => number switch
            {
                1 => new MemoryStream(content, 0, Mebi / 2),
                // Lies about what came already, and tells the truth about the rest.
                2 => new MemoryStream([.. other[..(Mebi / 2)], .. content[(Mebi / 2)..]]),
                _ => null,
            },
        };
        Run([Item("a.safetensors", content, origin)], connections: 1);
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content, "what is published is what was hashed");
        _meter.BytesPresent.Should().Be(content.Length, "a block that arrives twice is there once");
    }

    [Fact]
    public void Gives_up_after_eight_tries_without_progress_and_keeps_what_it_has()
    {
        var content = Noise(20 * Mebi);
        var origin = new ScriptedOrigin(content)
        {
            OnOpen = (number, from, to) => number == 1 ? null : throw new TransferException(TransferFault.Transient, "The source answered 503", TimeSpan.Zero),
        };
        var run = () => Run([Item("a.safetensors", content, origin)], connections: 1);
        run.Should().Throw<SourceUnavailableException>().WithMessage("*503*8 times*");
        origin.Opens.Should().Be(9);
        new DirectoryInfo(Path.Combine(_folder.Path, ".stevedore/partial")).EnumerateFiles().Should().NotBeEmpty();
    }

    [Fact]
    public void Eight_connections_that_fail_together_are_one_failure_and_all_of_them_wait()
    {
        var content = Noise(40 * Mebi);
        var outage = System.Diagnostics.Stopwatch.StartNew();
        var origin = new ScriptedOrigin(content)
        {
            OnOpen = (_, _, _) => outage.ElapsedMilliseconds < 700
                ? throw new TransferException(TransferFault.Transient, "The source answered 503", TimeSpan.FromMilliseconds(200))
                : null,
        };
        Run([Item("a.safetensors", content, origin)], connections: 8);
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
        origin.Opens.Should().BeLessThan(3 + (7 * 8), "a source that asked for a pause is left alone");
    }

    [Fact]
    public void A_start_that_gets_nothing_leaves_no_more_on_disk_than_the_one_before()
    {
        var content = Noise(20 * Mebi);
        for (var start = 0; start < 4; start++)
        {
            var down = new ScriptedOrigin(content) { OnOpen = (_, _, _) => throw new TransferException(TransferFault.Transient, "503", TimeSpan.Zero) };
            var run = () => Run(Item("a.safetensors", content, down));
            run.Should().Throw<SourceUnavailableException>();
            new DirectoryInfo(Path.Combine(_folder.Path, ".stevedore/partial")).EnumerateFiles().Should().HaveCount(2, "a partial file and its journal");
        }
    }

    [Fact]
    public async Task Waits_for_a_living_fetcher_only_as_long_as_it_may()
    {
        var content = Noise(2 * Mebi);
        using var release = new ManualResetEventSlim();
        var slow = new ScriptedOrigin(content)
        {
            OnOpen = (_, _, _) =>
            {
                release.Wait(TimeSpan.FromSeconds(20));
                return null;
            },
        };
        var item = Item("a.safetensors", content, slow);
        var first = Task.Run(() => Run([item], connections: 1));
        SpinWait.SpinUntil(() => slow.Opens > 0, TimeSpan.FromSeconds(10)).Should().BeTrue();
        var second = () => new TransferEngine(
            new CacheLayout(_folder.Path), new EngineSettings(2, TimeSpan.FromMilliseconds(600), null), new Backoff(new Random(1), TimeProvider.System), new FetchMeter(), TimeProvider.System)
            .Run([Item("a.safetensors", content, new ScriptedOrigin(content))], default);
        second.Should().Throw<FetchException>().Where(error => error.Code == ExitCode.GaveUpWaiting)
            .WithMessage($"*fetcher * on {Environment.MachineName}, which fetches a.safetensors (0*% of 2 MiB)*");
        release.Set();
        await first.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void What_killed_fetchers_left_besides_blobs_goes_with_the_next_run()
    {
        var content = Noise(2 * Mebi);
        Directory.CreateDirectory(Path.Combine(_folder.Path, ".stevedore/partial"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, ".stevedore/fetchers"));
        File.WriteAllText(
            Path.Combine(_folder.Path, ".stevedore/fetchers/dead.json"),
            $$"""{"id":"dead","host":"h","bootId":"{{Machine.BootId}}","pidNamespace":"{{Machine.PidNamespace}}","pid":{{int.MaxValue}},"processStart":"1","beat":3}""");
        File.WriteAllText(Path.Combine(_folder.Path, ".stevedore/partial/abc.dead.small"), "x");
        Run(Item("a.safetensors", content, new ScriptedOrigin(content)));
        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public void Reads_from_the_start_over_one_connection_where_the_source_knows_no_ranges()
    {
        var content = Noise(40 * Mebi);
        var origin = new ScriptedOrigin(content) { IgnoresRanges = true };
        Run(Item("a.safetensors", content, origin));
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
    }

    [Fact]
    public void Gives_up_on_a_rangeless_source_that_always_breaks_at_the_same_place()
    {
        var content = Noise(40 * Mebi);
        var origin = new ScriptedOrigin(content)
        {
            OnOpen = (_, from, _) => throw (from == 0
                ? new TransferException(TransferFault.Transient, "The source ended early", TimeSpan.Zero)
                : new InvalidOperationException("Only the first connection may be opened here.")),
        };
        var run = () => Run([Item("a.safetensors", content, origin)], connections: 1);
        run.Should().Throw<SourceUnavailableException>();
        origin.Opens.Should().Be(8);
    }

    [Theory]
    [InlineData("Changed")]
    [InlineData("NothingThere")]
    public void Starts_a_changed_content_over_once_and_then_fails(string fault)
    {
        var content = Noise(20 * Mebi);
        var kind = Enum.Parse<TransferFault>(fault);
        var once = new ScriptedOrigin(content) { OnOpen = (number, _, _) => number == 2 ? throw new TransferException(kind, "It is another file") : null };
        Run([Item("a.safetensors", content, once)], connections: 1);
        File.ReadAllBytes(Target("a.safetensors")).Should().Equal(content);
        once.Asked.Count(range => range.From == 0).Should().Be(2);

        var always = new ScriptedOrigin(content) { OnOpen = (_, _, _) => throw new TransferException(kind, "It is another file") };
        var run = () => Run([Item("b.safetensors", content, always)], connections: 1);
        run.Should().Throw<FetchException>().Where(error => error.Code == ExitCode.WrongContent && error.Message.Contains("changed"));
    }

    [Fact]
    public void Ends_with_what_the_source_says_when_that_is_final()
    {
        var content = Noise(3 * Mebi);
        var final = new FetchException(ExitCode.NoPermission, "owner/model is gated");
        var origin = new ScriptedOrigin(content) { OnOpen = (_, _, _) => throw new TransferException(TransferFault.Final, final.Message, final: final) };
        var run = () => Run(Item("a.safetensors", content, origin));
        run.Should().Throw<FetchException>().Which.Should().BeSameAs(final);
        origin.Opens.Should().Be(1);
    }

    [Fact]
    public void Two_engines_on_one_cache_fetch_each_content_once()
    {
        var contents = Enumerable.Range(0, 6).Select(i => Noise(5 * Mebi, seed: i)).ToList();
        var origins = contents.Select(content => new ScriptedOrigin(content)).ToList();
        var items = contents.Select((content, i) => Item($"{i}.safetensors", content, origins[i])).ToList();
        Parallel.Invoke(
            () => Run(items, connections: 2),
            () => Run(items, connections: 2));
        for (var i = 0; i < contents.Count; i++)
            File.ReadAllBytes(Target($"{i}.safetensors")).Should().Equal(contents[i]);
        origins.Sum(origin => origin.Asked.Sum(range => range.To - range.From)).Should().Be(6 * 5 * Mebi);
        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public void Computes_a_digest_for_content_that_has_none()
    {
        var content = Noise(3 * Mebi);
        var item = Item("a.bin", content, new ScriptedOrigin(content)) with { Digest = null };
        Run(item).Should().Contain(item.Key, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    [Fact]
    public void Small_files_that_have_arrived_get_their_names_while_a_slow_one_is_waited_for()
    {
        var (quick, slow) = (Noise(100), Noise(100, seed: 2));
        var wasThere = false;
        var source = new ScriptedOrigin(slow)
        {
            OnOpen = (_, _, _) =>
            {
                wasThere = SpinWait.SpinUntil(() => File.Exists(Target("quick.json")), TimeSpan.FromMinutes(1));
                return null;
            },
        };

        Run([Item("quick.json", quick, new ScriptedOrigin(quick)), Item("slow.json", slow, source)], connections: 1);

        wasThere.Should().BeTrue("another fetcher may be waiting for it");
        File.ReadAllBytes(Target("slow.json")).Should().Equal(slow);
    }

    [Fact]
    public void Gives_equal_contents_all_their_names()
    {
        var content = Noise(2 * Mebi);
        var item = Item("a.bin", content, new ScriptedOrigin(content));
        Run(item with { Targets = [.. item.Targets, Target("deeper/b.bin")] });
        File.ReadAllBytes(Target("deeper/b.bin")).Should().Equal(content);
    }

    private IReadOnlyDictionary<string, string> Run(params TransferItem[] items) => Run(items, connections: 4);

    private IReadOnlyDictionary<string, string> Run(IReadOnlyList<TransferItem> items, int connections, CancellationToken cancellationToken = default) =>
        new TransferEngine(
            new CacheLayout(_folder.Path), new EngineSettings(connections, null, TimeSpan.FromSeconds(5)), new Backoff(new Random(1), TimeProvider.System), _meter, TimeProvider.System)
            .Run(items, cancellationToken);

    private TransferItem Item(string name, byte[] content, ScriptedOrigin origin)
    {
        var digest = new ContentDigest(DigestAlgorithm.Sha256, Convert.ToHexStringLower(SHA256.HashData(content)));
        return new TransferItem(digest.Hex, name, content.Length, digest, $"{digest}|{content.Length}", origin, [Target(name)]);
    }

    private string Target(string name) => Path.Combine(_folder.Path, "models", name);

    private IEnumerable<string> Leftovers() => Directory.EnumerateFiles(Path.Combine(_folder.Path, ".stevedore"), "*", SearchOption.AllDirectories);

    private static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A body that calls back instead of giving bytes.</summary>
    private sealed class CallbackStream(Action onRead) : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            onRead();
            throw new IOException("stopped");
        }
    }
}
