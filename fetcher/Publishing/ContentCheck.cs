using System.Collections.Concurrent;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Publishing;

/// <summary>A published file that is not what it should be.</summary>
/// <param name="File">The file as it was published.</param>
/// <param name="Problem">What is wrong with it, in a few words.</param>
internal sealed record WrongFile(ManifestFile File, string Problem);

/// <summary>Hashes published files again, as many at once as there are processors.</summary>
/// <param name="meter">Counts what is hashed.</param>
internal sealed class ContentCheck(FetchMeter meter)
{
    private const int BufferSize = 1 << 20;

    /// <summary>Finds the files of a version that are missing, have another size, or hash to something else.</summary>
    public IReadOnlyList<WrongFile> FindWrong(Snapshot snapshot, IEnumerable<ManifestFile> files, CancellationToken cancellationToken)
    {
        var wrong = new ConcurrentBag<WrongFile>();
        Parallel.ForEach(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            file =>
            {
                if (ProblemOf(snapshot, file, cancellationToken) is { } problem)
                    wrong.Add(new WrongFile(file, problem));
            });
        return [.. wrong.OrderBy(entry => entry.File.Path, StringComparer.Ordinal)];
    }

    private string? ProblemOf(Snapshot snapshot, ManifestFile file, CancellationToken cancellationToken)
    {
        var path = snapshot.ReadPathOf(file);
        if (!File.Exists(path))
            return "missing";
        if (new FileInfo(path).Length is var length && length != file.Size)
            return $"{length} bytes instead of {file.Size}";
        if (file.Digest is null)
            return null;
        var computed = Compute(path, file.Digest, file.Size, cancellationToken);
        return computed == file.Digest.Hex ? null : $"expected {file.Digest}, got {computed}";
    }

    private string Compute(string path, ContentDigest digest, long size, CancellationToken cancellationToken)
    {
        using var hash = ContentHasher.Begin(digest, size);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var buffer = new byte[BufferSize];
        long position = 0;
        while (RandomAccess.Read(file, buffer, position) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer.AsSpan(0, read));
            meter.Verified(read);
            position += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
