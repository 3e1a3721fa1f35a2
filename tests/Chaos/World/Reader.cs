using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Stevedore.Chaos;

/// <summary>
/// Reads everything that is published in a Hub cache again and again, as vLLM could at any moment, and notes what should not be there: a blob whose bytes are
/// not those of its name, a name that leads nowhere, and a branch whose snapshot lacks files.
/// </summary>
/// <param name="model">The model's folder in the cache.</param>
/// <param name="files">How many files its snapshot has when it is complete.</param>
internal sealed class Reader(string model, int files)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);
    private readonly ConcurrentDictionary<string, byte> _found = [];

    /// <summary>What was wrong, each thing once.</summary>
    public IReadOnlyCollection<string> Found => [.. _found.Keys];

    /// <summary>How many blobs were hashed.</summary>
    public long Looks { get; private set; }

    /// <summary>Reads until it is stopped, and once more then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                LookOnce();
                await Task.Delay(Pause, stop);
            }
        }
        catch (OperationCanceledException)
        {
            LookOnce();
        }
    }

    /// <summary>Reads everything once.</summary>
    public void LookOnce()
    {
        // The branch first: what it promises must be there afterwards.
        var isPromised = File.Exists(Path.Combine(model, "refs", "main"));
        foreach (var path in Entries(Path.Combine(model, "blobs")))
        {
            if (DigestOf(path) is { } digest && digest != Path.GetFileName(path))
                _found.TryAdd($"{Path.GetFileName(path)} has the content of {digest}", 0);
            Looks++;
        }

        var names = Entries(Path.Combine(model, "snapshots")).ToList();
        foreach (var name in names.Where(name => !File.Exists(name)))
            _found.TryAdd($"{name} leads nowhere", 0);
        if (isPromised && names.Count != files)
            _found.TryAdd($"refs/main stands beside {names.Count} of {files} files", 0);
    }

    private static IEnumerable<string> Entries(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".tmp", StringComparison.Ordinal)).ToList()
        : [];

    // 64 characters are a SHA-256, 40 a blob id of git's.
    private static string? DigestOf(string path)
    {
        try
        {
            var content = File.ReadAllBytes(path);
            return Path.GetFileName(path).Length == 64
                ? Convert.ToHexStringLower(SHA256.HashData(content))
#pragma warning disable CA5350 // Git's own.
                : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
