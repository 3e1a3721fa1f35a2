using System.Diagnostics;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing.Copies;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.Mirrors;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Fetching;

/// <summary>Copies one file after the other from a source to a target: hashed as it passes, and complete there only when it is what the source promised.</summary>
internal sealed class FileCopier(IModelSource source, string version, ICopyTarget target, Backoff backoff, FetchMeter meter)
{
    /// <summary>Parts under way besides the one that is being read.</summary>
    private const int PartsAhead = 2;

    private const int LargestWhole = 8 << 20;

    /// <summary>Copies a file; the calling thread blocks in it.</summary>
    /// <exception cref="FetchException">65: it is not what the source promised; 69, 73, 77.</exception>
    public CopiedFile Copy(ManifestFile file, CancellationToken cancellationToken)
    {
        var name = $"{file.Path} of {source.Reference}";
        using var sha256 = RunningDigest.Begin(null, file.Size);
        using var promised = file.Digest is { Algorithm: not DigestAlgorithm.Sha256 } ? RunningDigest.Begin(file.Digest, file.Size) : null;
        using var reader = new SteadyReader(source.OriginOf(version, file), file.Size, name, backoff, meter);
        if (file.Size > LargestWhole)
            return CopyInParts(file, Read, Check, cancellationToken);

        var content = new byte[file.Size];
        Read(content);
        var whole = Check();
        return whole with { Tag = target.WriteAsync(file.Path, content, cancellationToken).GetAwaiter().GetResult() };

        void Read(Span<byte> part)
        {
            reader.Fill(part, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            sha256.AppendData(part);
            promised?.AppendData(part);
            meter.Verified(part.Length, Stopwatch.GetElapsedTime(started));
        }

        CopiedFile Check()
        {
            var hex = Convert.ToHexStringLower(sha256.GetHashAndReset());
            var computed = promised is null ? hex : Convert.ToHexStringLower(promised.GetHashAndReset());
            if (file.Digest is { } expected && expected.Hex != computed)
            {
                throw new FetchException(
                    ExitCode.WrongContent, $"{name} is not what its source promised: expected {expected}, got {computed}; nothing of it was kept. Start again, and if it stays so, tell the publisher.");
            }

            return new CopiedFile(file.Path, file.Size, (file.Digest ?? new ContentDigest(DigestAlgorithm.Sha256, hex)).ToString(), hex, null);
        }
    }

    private CopiedFile CopyInParts(ManifestFile file, Action<Span<byte>> read, Func<CopiedFile> check, CancellationToken cancellationToken)
    {
        var upload = target.BeginAsync(file.Path, file.Size, cancellationToken).GetAwaiter().GetResult();
        var sending = new Queue<Task>();
        try
        {
            var buffers = new byte[PartsAhead + 1][];
            var number = 0;
            for (long at = 0; at < file.Size; at += upload.PartSize)
            {
                while (sending.Count > PartsAhead)
                    sending.Dequeue().GetAwaiter().GetResult();
                var length = (int)Math.Min(upload.PartSize, file.Size - at);
                var buffer = buffers[number % buffers.Length] ??= new byte[upload.PartSize];
                read(buffer.AsSpan(0, length));
                sending.Enqueue(upload.SendAsync(++number, buffer.AsMemory(0, length), cancellationToken));
            }

            while (sending.TryDequeue(out var last))
                last.GetAwaiter().GetResult();
            var copied = check();
            return copied with { Tag = upload.CompleteAsync(cancellationToken).GetAwaiter().GetResult() };
        }
        finally
        {
            // Whoever sends may still read a buffer: the upload is put down only when all have ended, well or not.
            Task.WhenAll(sending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
            upload.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
