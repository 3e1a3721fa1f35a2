using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Publishing;

/// <summary>A published file that is not what it should be.</summary>
/// <param name="File">The file as it was published.</param>
/// <param name="Problem">What is wrong with it, in a few words.</param>
/// <param name="Path">What has to go: the content, or the name where only that is wrong.</param>
/// <param name="Seen">Which file that was when it was looked at; null where there was none.</param>
/// <param name="Name">The file's name in the version, which goes with its content.</param>
internal sealed record WrongFile(ManifestFile File, string Problem, string Path, Entry? Seen, string Name);

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
                if (FindWrong(snapshot, file, cancellationToken) is { } found)
                    wrong.Add(found);
            });
        return [.. wrong.OrderBy(entry => entry.File.Path, StringComparer.Ordinal)];
    }

    /// <summary>The digest of a file in lower-case hexadecimal; SHA-256 where none is named.</summary>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public string Compute(string path, ContentDigest? digest, long size, CancellationToken cancellationToken)
    {
        using var file = Libc.OpenPlain(path) ?? throw Unreadable(path);
        return Compute(file, digest, size, cancellationToken);
    }

    private WrongFile? FindWrong(Snapshot snapshot, ManifestFile file, CancellationToken cancellationToken)
    {
        // A name may be right although what it leads to is not there any more.
        var path = snapshot.HasName(file) ? snapshot.TargetPathOf(file) : snapshot.ReadPathOf(file);
        using var content = Libc.OpenPlain(path);
        var seen = content is null ? Libc.Look(path) : Libc.Look(content);
        if (seen is not { } entry)
            return Wrong("missing");
        if (entry.Kind != EntryKind.File)
            return Wrong(entry.Kind == EntryKind.Link ? "a symbolic link in its place" : "no file in its place");
        if (entry.Bytes != file.Size)
            return Wrong($"{entry.Bytes} bytes instead of {file.Size}");
        if (file.Digest is not null && Compute(content ?? throw Unreadable(path), file.Digest, file.Size, cancellationToken) is var computed && computed != file.Digest.Hex)
            return Wrong($"expected {file.Digest}, got {computed}");
        return snapshot.HasName(file)
            ? null
            : new WrongFile(
                file, "its name in the version is missing or leads elsewhere", snapshot.PathOf(file), Libc.Look(snapshot.PathOf(file)), snapshot.PathOf(file));

        WrongFile Wrong(string problem) => new(file, problem, path, seen, snapshot.PathOf(file));
    }

    private string Compute(SafeFileHandle file, ContentDigest? digest, long size, CancellationToken cancellationToken)
    {
        using var hash = ContentHasher.Begin(digest, size);
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

    private static UnauthorizedAccessException Unreadable(string path) => new($"{path} may not be read");
}
