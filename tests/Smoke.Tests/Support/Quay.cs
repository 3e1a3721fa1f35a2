using System.Diagnostics;
using System.Security.Cryptography;
using Stevedore.HubFixture;

namespace Stevedore.Smoke.Tests.Support;

/// <summary>What a test needs: a Hub, a folder for caches and views, and a way to run the fetcher between them.</summary>
internal sealed class Quay : IAsyncDisposable
{
    public const string Model = "hf://org/model";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-smoke-");

    private Quay(HubServer hub)
    {
        Hub = hub;
        Environment = new() { ["HF_ENDPOINT"] = hub.Endpoint.OriginalString, ["STEVEDORE_TERMINATION_LOG"] = TerminationLog };
        File.WriteAllText(TerminationLog, "");
    }

    public HubServer Hub { get; }

    public Dictionary<string, string> Environment { get; }

    public string Cache => this["cache"];

    public string TerminationLog => this["termination-log"];

    public string this[string relative] => Path.Combine(_folder.FullName, relative);

    public static async Task<Quay> OpenAsync() => new(await HubServer.StartAsync());

    /// <summary>A repository with small files of text and one large one in LFS.</summary>
    public Repository Publish(int weights, string id = "org/model")
    {
        var bytes = new byte[weights];
        new Random(weights).NextBytes(bytes);
        var repository = Hub.AddRepository(id).AddFile("config.json", "{\"model_type\":\"llama\"}").AddFile("tokenizer/vocab.txt", "a\nb\n").AddFile("model.safetensors", bytes, lfs: true);
        repository.Publish();
        return repository;
    }

    public FetcherRun Start(params string[] arguments) => FetcherRun.Start(Environment, arguments);

    public async Task<Outcome> RunAsync(params string[] arguments)
    {
        using var run = Start(arguments);
        return await run.EndAsync();
    }

    /// <summary><c>fetch hf://org/model --cache …</c> with more options.</summary>
    public Task<Outcome> FetchAsync(params string[] options) => RunAsync(["fetch", Model, "--cache", Cache, .. options]);

    public FetcherRun StartFetch(params string[] options) => Start(["fetch", Model, "--cache", Cache, .. options]);

    /// <summary>Waits until the Hub has sent so much.</summary>
    public async Task ServedAsync(long bytes)
    {
        var watch = Stopwatch.StartNew();
        while (Hub.BytesServed < bytes)
        {
            watch.Elapsed.Should().BeLessThan(Longest, "the Hub should have sent {0} bytes by now and not {1}", bytes, Hub.BytesServed);
            await Task.Delay(10);
        }
    }

    /// <summary>SHA-256 in lower-case hex.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The digest of every file below a folder of this quay by its relative path, links followed; empty where there is no folder.</summary>
    public Dictionary<string, string> FilesBelow(string relative) => !Directory.Exists(this[relative])
        ? []
        : Directory.EnumerateFiles(this[relative], "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(this[relative], path), path => DigestOf(File.ReadAllBytes(path)));

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
