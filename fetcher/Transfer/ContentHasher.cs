using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// The digest of one content, computed in order while its pieces arrive in any order: a piece that arrives where the digest stands is hashed from the
/// buffer it came in, others are read back from the page cache once the gap before them closes.
/// </summary>
/// <param name="digest">What to compute; SHA-256 where null.</param>
/// <param name="blocks">The blocks of the content.</param>
/// <param name="meter">Counts what is hashed.</param>
internal sealed class ContentHasher(ContentDigest? digest, BlockMap blocks, FetchMeter meter) : IDisposable
{
    /// <summary>How much one thread reads back before it returns to its connection, which would stall otherwise.</summary>
    private const long MostATurn = 32L << 20;

    private readonly Lock _turn = new();
    private RunningDigest _hash = Begin(digest, blocks.Size);
    private long _position;

    /// <summary>Up to where the content is hashed; what lies before it must not be written again.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Hashes as far as the blocks reach, unless another thread is at it.</summary>
    /// <param name="start">Where the piece that just arrived begins.</param>
    /// <param name="piece">Its bytes.</param>
    /// <param name="buffer">Scratch space; may be where <paramref name="piece"/> lies.</param>
    /// <param name="isThere">Whether a block is in the file.</param>
    /// <param name="file">The file to read back from.</param>
    public void Offer(long start, ReadOnlySpan<byte> piece, Span<byte> buffer, Func<int, bool> isThere, SafeFileHandle file)
    {
        if (!_turn.TryEnter())
            return;
        try
        {
            if (start == _position)
                Append(piece);
            for (var end = _position + MostATurn; _position < Math.Min(end, blocks.Size) && isThere(BlockMap.BlockAt(_position));)
                Append(ReadBack(buffer, file));
        }
        finally
        {
            _turn.Exit();
        }
    }

    /// <summary>Hashes what is left and gives the digest in lower-case hexadecimal. All blocks must be there.</summary>
    public string Finish(Span<byte> buffer, SafeFileHandle file, CancellationToken cancellationToken)
    {
        lock (_turn)
        {
            while (_position < blocks.Size)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Append(ReadBack(buffer, file));
            }

            return Convert.ToHexStringLower(_hash.GetHashAndReset());
        }
    }

    /// <summary>Starts over, for content that starts over.</summary>
    public void Reset()
    {
        lock (_turn)
        {
            _hash.Dispose();
            _hash = Begin(digest, blocks.Size);
            Interlocked.Exchange(ref _position, 0);
        }
    }

    /// <summary>The digest of a small content that is in memory as a whole.</summary>
    public static string OfWhole(ContentDigest? digest, ReadOnlySpan<byte> content)
    {
        using var hash = Begin(digest, content.Length);
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    /// <inheritdoc cref="RunningDigest.Begin"/>
    public static RunningDigest Begin(ContentDigest? digest, long size) => RunningDigest.Begin(digest, size);

    private ReadOnlySpan<byte> ReadBack(Span<byte> buffer, SafeFileHandle file)
    {
        var length = (int)Math.Min(buffer.Length, blocks.EndOf(BlockMap.BlockAt(_position)) - _position);
        for (var filled = 0; filled < length;)
        {
            var read = RandomAccess.Read(file, buffer[filled..length], _position + filled);
            if (read == 0)
                throw new IOException("A partial file is shorter than its journal says.");
            filled += read;
        }

        return buffer[..length];
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var started = Stopwatch.GetTimestamp();
        _hash.AppendData(bytes);
        Interlocked.Add(ref _position, bytes.Length);
        meter.Verified(bytes.Length, Stopwatch.GetElapsedTime(started));
    }
}
