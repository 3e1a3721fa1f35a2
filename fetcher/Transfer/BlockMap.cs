using System.Numerics;

namespace Stevedore.Fetcher.Transfer;

/// <summary>One bit a block of a file: block <c>i</c> covers the bytes from <c>i × BlockSize</c>; the last one may be short.</summary>
/// <param name="size">The file's size in bytes.</param>
internal sealed class BlockMap(long size)
{
    /// <summary>1 MiB: what a kill can waste of a file besides socket buffers.</summary>
    public const int BlockSize = 1 << 20;

    private readonly byte[] _bits = new byte[BytesFor(size)];

    /// <summary>How many blocks the file has.</summary>
    public int Count { get; } = checked((int)((size + BlockSize - 1) / BlockSize));

    /// <summary>The file's size in bytes.</summary>
    public long Size => size;

    /// <summary>How many bytes a map of such a file takes.</summary>
    public static int BytesFor(long size) => checked((int)((((size + BlockSize - 1) / BlockSize) + 7) / 8));

    /// <summary>The map's bytes; bit <c>i &amp; 7</c> of byte <c>i / 8</c> is block <c>i</c>.</summary>
    public Span<byte> Bytes => _bits;

    /// <summary>Whether a block is set.</summary>
    public bool this[int block] => (_bits[block >> 3] & (1 << (block & 7))) != 0;

    /// <summary>Where a block ends: its start plus <see cref="BlockSize"/>, or the end of the file.</summary>
    public long EndOf(int block) => Math.Min((block + 1L) * BlockSize, size);

    /// <summary>The block that holds a byte.</summary>
    public static int BlockAt(long position) => checked((int)(position / BlockSize));

    /// <summary>Sets a block.</summary>
    public void Set(int block) => _bits[block >> 3] |= (byte)(1 << (block & 7));

    /// <summary>Clears a block.</summary>
    public void Clear(int block) => _bits[block >> 3] &= (byte)~(1 << (block & 7));

    /// <summary>Clears all.</summary>
    public void ClearAll() => Array.Clear(_bits);

    /// <summary>The first block from <paramref name="start"/> on that is clear; <see cref="Count"/> when there is none.</summary>
    public int NextClear(int start)
    {
        for (var i = start; i < Count; i++)
        {
            if ((i & 7) == 0 && i + 8 <= Count && _bits[i >> 3] == 0xff)
                i += 7;
            else if (!this[i])
                return i;
        }

        return Count;
    }

    /// <summary>How many blocks are set.</summary>
    public int SetCount => _bits.Sum(bits => BitOperations.PopCount(bits));

    /// <summary>How many bytes the set blocks cover.</summary>
    public long SetBytes
    {
        get
        {
            var full = (long)SetCount * BlockSize;
            return Count > 0 && this[Count - 1] ? full - ((long)Count * BlockSize) + size : full;
        }
    }
}
