using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Fetching;

/// <summary>A version whose files are wanted.</summary>
/// <param name="Chosen">The version.</param>
/// <param name="Files">The wanted files.</param>
internal sealed record WantedVersion(ChosenVersion Chosen, IReadOnlyList<ManifestFile> Files)
{
    /// <summary>Every folder that completing it writes to.</summary>
    public IEnumerable<string> FoldersIn(CacheLayout cache)
    {
        var snapshot = new Snapshot(cache, Chosen.Folder, Chosen.Version);
        return
        [
            cache.Fetchers, cache.Intents, cache.Leases, cache.Partials, cache.Trash,
            Path.Combine(cache.Records, Chosen.Folder, "@" + Chosen.Version), cache.BlobsOf(Chosen.Folder),
            .. Files.Select(file => Path.GetDirectoryName(snapshot.PathOf(file))!).Distinct(),
        ];
    }

    /// <summary>What a run declares that is about to complete it.</summary>
    public IntendedVersion ToIntent(string filter) => new(
        Chosen.Source.Reference.ToString(), Chosen.Folder, Chosen.Version, filter, [.. Files.Select(file => new IntendedContent(TransferPlan.KeyOf(Chosen, file), file.Size))]);
}

/// <summary>What has to be fetched for a run: pure, apart from looking at what is there.</summary>
/// <param name="Items">One for each different content; equal contents share an item.</param>
/// <param name="Bytes">Bytes of all items together.</param>
/// <param name="Present">The files whose content is there already.</param>
internal sealed record TransferPlan(IReadOnlyList<TransferItem> Items, long Bytes, IReadOnlyList<ManifestFile> Present)
{
    /// <summary>Plans the files that are not published.</summary>
    public static TransferPlan For(IEnumerable<WantedVersion> versions, CacheLayout cache, VolumeTraits traits)
    {
        var items = new Dictionary<string, TransferItem>(StringComparer.Ordinal);
        var present = new List<ManifestFile>();
        foreach (var (chosen, files) in versions)
        {
            var snapshot = new Snapshot(cache, chosen.Folder, chosen.Version);
            var batches = SmallFileBatches.Of(files.Select(file => (KeyOf(chosen, file), file.Size)));
            var mayHold = snapshot.MayHoldContent;
            foreach (var file in files)
            {
                if (mayHold && snapshot.HoldsContent(file))
                {
                    present.Add(file);
                    continue;
                }

                var key = KeyOf(chosen, file);
                var target = snapshot.ContentPathOf(file, traits.Links);
                if (items.TryGetValue(key, out var same))
                {
                    if (!same.Targets.Contains(target))
                        items[key] = same with { Targets = [.. same.Targets, target] };
                    continue;
                }

                items[key] = new TransferItem(
                    key,
                    $"{file.Path} of {chosen.Source.Reference}",
                    file.Size,
                    file.Digest,
                    // What nothing tells from another content of its size is never resumed: two of them would be mixed.
                    $"{file.Digest?.ToString() ?? file.Validator ?? Guid.NewGuid().ToString()}|{file.Size}",
                    chosen.Source.OriginOf(chosen.Version, file),
                    [target])
                {
                    Batch = batches.GetValueOrDefault(key),
                };
            }
        }

        return new TransferPlan([.. items.Values], items.Values.Sum(item => item.Size * item.Targets.Count), present);
    }

    /// <summary>Refuses a plan that the volume has no room for, before its first byte is fetched.</summary>
    /// <exception cref="FetchException">73, with what is missing.</exception>
    public void RequireRoom(CacheLayout cache)
    {
        var free = new DriveInfo(cache.Root).AvailableFreeSpace;
        var reserved = ReservedBy(Items.Select(item => item.Key).ToHashSet(), cache);
        var needed = Bytes - reserved;
        if (needed > free)
        {
            throw new FetchException(
                ExitCode.CannotWrite,
                $"{cache.Root} has {Mebibytes(free)} MiB free and {Mebibytes(needed)} MiB are still to be fetched, so {Mebibytes(needed - free)} MiB are missing; "
                + "give the volume more room, or fetch less with --include and --exclude.");
        }
    }

    /// <summary>What partial files of the contents take already; of one content, the largest counts.</summary>
    private static long ReservedBy(HashSet<string> keys, CacheLayout cache) => !Directory.Exists(cache.Partials)
        ? 0
        : new DirectoryInfo(cache.Partials).EnumerateFiles()
            .Where(file => file.Extension != ".journal" && file.Exists)
            .Select(file => (Key: file.Name.Split('.')[0], file.Length))
            .Where(file => keys.Contains(file.Key))
            .GroupBy(file => file.Key)
            .Sum(same => same.Max(file => file.Length));

    /// <summary>Names a content across runs: by its digest, else by where it comes from and what its source says of it.</summary>
    public static string KeyOf(ChosenVersion chosen, ManifestFile file) => file.Digest is { NamesContent: true } named
        ? named.Hex
        : "u-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{chosen.Folder}\n{file.Path}\n{file.Size}\n{file.Digest?.ToString() ?? file.Validator}")));

    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
