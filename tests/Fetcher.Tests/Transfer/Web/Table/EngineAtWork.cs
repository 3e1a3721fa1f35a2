using System.Collections.Concurrent;
using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>The engine with a cache and connections of a test's own. A pause that nobody asked for takes no time, unless a test brings its own.</summary>
internal sealed class EngineAtWork(WebSettings? settings = null, Backoff? backoff = null, string? cache = null) : IDisposable
{
    /// <summary>Far more than any of these runs takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly WebConnections _web = new(settings ?? new WebSettings());

    public FetchMeter Meter { get; } = new();

    /// <summary>The cache's folder.</summary>
    public string Cache => cache ?? _folder.Path;

    /// <summary>Connections at once, at most.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Bytes that differ from file to file.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Puts a file on a server.</summary>
    /// <returns>The order to fetch it.</returns>
    public TransferItem Item(FileServer server, string path, byte[] content, bool hasDigest = true, string? validator = null)
    {
        server.Add(path, content);
        return ItemOf(server, path, content, hasDigest, validator);
    }

    /// <summary>The order to fetch what is promised to be there.</summary>
    public TransferItem ItemOf(FileServer server, string path, byte[] content, bool hasDigest = true, string? validator = null)
    {
        var digest = new ContentDigest(DigestAlgorithm.Sha256, Convert.ToHexStringLower(SHA256.HashData(content)));
        var origin = new WebOrigin(
            _web, new WebQuestion(server.Address(path)), content.Length, validator is null ? null : new Validator(validator), Refusal);
        return new TransferItem(
            hasDigest ? digest.Hex : "u-" + path.Trim('/'), path, content.Length, hasDigest ? digest : null, $"{path}|{content.Length}", origin, [Target(path)]);
    }

    /// <summary>Runs the engine to its end.</summary>
    public async Task<ConcurrentDictionary<string, string>> RunAsync(params TransferItem[] items)
    {
        var engine = new TransferEngine(
            new CacheLayout(Cache), new EngineSettings(Connections, null, TimeSpan.FromMinutes(1)), backoff ?? new Backoff(new NoJitter(), TimeProvider.System), Meter, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        return await Task.Factory.StartNew(() => engine.Run(items, limit.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Runs the engine, which has to fail.</summary>
    public async Task<FetchException> FailAsync(params TransferItem[] items) =>
        (await this.Awaiting(it => it.RunAsync(items)).Should().ThrowAsync<FetchException>()).Which;

    /// <summary>Where a file is published.</summary>
    public string Target(string path) => Path.Combine(Cache, "models", path.TrimStart('/'));

    /// <summary>What is published of a file.</summary>
    public byte[] Published(string path) => File.ReadAllBytes(Target(path));

    /// <summary>Whether a file is published at all.</summary>
    public bool HasPublished(string path) => File.Exists(Target(path));

    /// <summary>What the engine keeps for a later run.</summary>
    public IReadOnlyList<FileInfo> Kept => Directory.Exists(new CacheLayout(Cache).Partials) ? [.. new DirectoryInfo(new CacheLayout(Cache).Partials).EnumerateFiles()] : [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _web.Dispose();
        _folder.Dispose();
    }

    private static FetchException Refusal(WebAnswer answer) => new(
        answer.Status == System.Net.HttpStatusCode.NotFound ? ExitCode.NotFound : ExitCode.NoPermission, $"{answer.Who} refuses with {(int)answer.Status}.");

    /// <summary>Full jitter that always comes out as none.</summary>
    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
