using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Locking;

/// <summary>A content that a running fetcher relies on.</summary>
/// <param name="Key">Its digest, or what stands for it where its source publishes none.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record IntendedContent(string Key, long Bytes);

/// <summary>A version that a running fetcher is about to complete.</summary>
/// <param name="Reference">As it was asked for.</param>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Version">The version.</param>
/// <param name="Filter">The key of the filter.</param>
/// <param name="Contents">What it needs, present or not.</param>
internal sealed record IntendedVersion(string Reference, string Folder, string Version, string Filter, IReadOnlyList<IntendedContent> Contents);

/// <summary>What a running fetcher relies on: nothing of it may be removed while its owner lives.</summary>
/// <param name="Owner">The heartbeat's name.</param>
/// <param name="At">When it was declared.</param>
/// <param name="Versions">What it relies on.</param>
internal sealed record Intent(string Owner, DateTimeOffset At, IReadOnlyList<IntendedVersion> Versions);

/// <summary>How long a run has patience with others.</summary>
/// <param name="LeaseTtl">After what silence another counts as dead; null chooses by the kind of filesystem.</param>
/// <param name="Wait">How long it waits for the living; null for ever.</param>
internal sealed record WaitSettings(TimeSpan? LeaseTtl, TimeSpan? Wait);

/// <summary>
/// This run's intent: declared, and so visible to whoever prunes, before the first look at which contents are present. It stands while its heartbeat beats.
/// </summary>
internal sealed class FetchIntent : IDisposable
{
    /// <summary>How often a prune that is in the way is looked at again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly string _path;

    private FetchIntent(string path, Heartbeat heartbeat)
    {
        _path = path;
        Heartbeat = heartbeat;
    }

    /// <summary>The sign of life behind it.</summary>
    public Heartbeat Heartbeat { get; }

    /// <summary>Declares what this run relies on, and lets a prune that was about to remove some of it finish or think again.</summary>
    /// <exception cref="FetchException">75: waited too long for a prune.</exception>
    public static async Task<FetchIntent> DeclareAsync(
        CacheLayout cache, IReadOnlyList<IntendedVersion> versions, WaitSettings settings, FetchMeter meter, TimeProvider time, CancellationToken cancellationToken)
    {
        var local = FilesystemKind.IsLocal(cache.Root);
        var intent = Declare(cache, versions, settings.LeaseTtl ?? FilesystemKind.DefaultLeaseTtl(local), time);
        try
        {
            var watch = new OwnerWatch(cache, intent.Heartbeat, local, time);
            var started = time.GetTimestamp();
            while (Condemnation.FindOwner(cache, versions, watch) is { } owner)
            {
                meter.WaitingFor = $"{watch.Describe(owner)}, which prunes the cache";
                if (settings.Wait is { } limit && time.GetElapsedTime(started) >= limit)
                    throw new FetchException(ExitCode.GaveUpWaiting, $"Gave up waiting for {meter.WaitingFor}, after {limit.TotalSeconds:0} s; wait longer with --wait, or fetch again when that is done.");
                await Task.Delay(LookAgain, time, cancellationToken).ConfigureAwait(false);
            }

            meter.WaitingFor = null;
            return intent;
        }
        catch
        {
            intent.Dispose();
            throw;
        }
    }

    /// <summary>Declares, and waits for nobody.</summary>
    public static FetchIntent Declare(CacheLayout cache, IReadOnlyList<IntendedVersion> versions, TimeSpan ttl, TimeProvider time)
    {
        var heartbeat = Heartbeat.Start(cache, ttl, time);
        try
        {
            var path = PathOf(cache, heartbeat.Id);
            var intent = new Intent(heartbeat.Id, time.GetUtcNow(), versions);
            WorldReadable.Replace(path, JsonSerializer.SerializeToUtf8Bytes(intent, IntentJson.Default.Intent));
            return new FetchIntent(path, heartbeat);
        }
        catch
        {
            heartbeat.Dispose();
            throw;
        }
    }

    /// <summary>Where an owner declares.</summary>
    public static string PathOf(CacheLayout cache, string owner) => Path.Combine(cache.Intents, owner + ".json");

    /// <summary>Every intent with its owner, whether that lives or not; null for an intent that can't be read.</summary>
    public static IReadOnlyList<(string Owner, Intent? Intent)> All(CacheLayout cache) =>
        Libc.Look(cache.Intents) is not { Kind: EntryKind.Folder } ? [] : [.. Directory.EnumerateFileSystemEntries(cache.Intents, "*.json")
            .Select(path => (Path.GetFileNameWithoutExtension(path), PlainFile.TryRead(path, IntentJson.Default.Intent)))];

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(_path);
            Heartbeat.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody beats for it any more, so the next prune removes both.
        }
    }
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(Intent))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class IntentJson : JsonSerializerContext;
