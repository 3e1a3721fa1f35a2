using System.Collections.Concurrent;
using System.Diagnostics;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Publishing;

/// <summary>A published file that is not what it should be.</summary>
/// <param name="File">The file as it was published.</param>
/// <param name="Problem">What is wrong with it, in a few words.</param>
/// <param name="IsContent">Whether its content is wrong, not only its name.</param>
internal sealed record WrongFile(ManifestFile File, string Problem, bool IsContent = true);

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
                else if (!snapshot.HasName(file))
                    wrong.Add(new WrongFile(file, "its name in the version is missing or leads elsewhere", IsContent: false));
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

    /// <summary>The digest of a file in lower-case hexadecimal; SHA-256 where none is named.</summary>
    public string Compute(string path, ContentDigest? digest, long size, CancellationToken cancellationToken)
    {
        using var hash = ContentHasher.Begin(digest, size);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var buffer = new byte[BufferSize];
        long position = 0;
        while (RandomAccess.Read(file, buffer, position) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            hash.AppendData(buffer.AsSpan(0, read));
            meter.Verified(read, Stopwatch.GetElapsedTime(started));
            position += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
