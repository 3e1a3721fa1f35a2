using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// The digest of one content, computed in order while its blocks arrive in any order: a block that arrives where the digest stands is hashed from the
/// buffer it came in, others are read back from the page cache once the gap before them closes.
/// </summary>
/// <param name="digest">What to compute; SHA-256 where null.</param>
/// <param name="blocks">The blocks of the content.</param>
/// <param name="meter">Counts what is hashed.</param>
internal sealed class ContentHasher(ContentDigest? digest, BlockMap blocks, FetchMeter meter) : IDisposable
{
    /// <summary>How much one thread reads back before it returns to its connection, which would stall otherwise.</summary>
    private const int BlocksATurn = 32;

    private readonly Lock _turn = new();
    private RunningDigest _hash = Begin(digest, blocks.Size);
    private int _next;

    /// <summary>Hashes as far as the blocks reach, unless another thread is at it.</summary>
    /// <param name="block">The block that just arrived.</param>
    /// <param name="buffer">Its bytes; used as scratch space afterwards.</param>
    /// <param name="length">How many bytes of <paramref name="buffer"/> are the block's.</param>
    /// <param name="isThere">Whether a block is in the file.</param>
    /// <param name="file">The file to read back from.</param>
    public void Offer(int block, byte[] buffer, int length, Func<int, bool> isThere, SafeFileHandle file)
    {
        if (!_turn.TryEnter())
            return;
        try
        {
            if (block == _next)
                Append(buffer.AsSpan(0, length));
            for (var i = 0; i < BlocksATurn && _next < blocks.Count && isThere(_next); i++)
                Append(ReadBack(buffer, file));
        }
        finally
        {
            _turn.Exit();
        }
    }

    /// <summary>Hashes what is left and gives the digest in lower-case hexadecimal. All blocks must be there.</summary>
    public string Finish(byte[] buffer, SafeFileHandle file, CancellationToken cancellationToken)
    {
        lock (_turn)
        {
            while (_next < blocks.Count)
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
            _next = 0;
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

    private ReadOnlySpan<byte> ReadBack(byte[] buffer, SafeFileHandle file)
    {
        var start = (long)_next * BlockMap.BlockSize;
        var length = (int)(blocks.EndOf(_next) - start);
        for (var filled = 0; filled < length;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(filled, length - filled), start + filled);
            if (read == 0)
                throw new IOException("A partial file is shorter than its journal says.");
            filled += read;
        }

        return buffer.AsSpan(0, length);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var started = Stopwatch.GetTimestamp();
        _hash.AppendData(bytes);
        _next++;
        meter.Verified(bytes.Length, Stopwatch.GetElapsedTime(started));
    }
}
