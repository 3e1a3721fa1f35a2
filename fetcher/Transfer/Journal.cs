using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// Which blocks of a partial file are there. Two maps: <i>written</i> is trusted after a crash of the process, on the same boot of the same machine;
/// <i>durable</i> is what an fdatasync has covered, the only one that another boot or another machine trusts.
/// </summary>
/// <remarks>
/// Layout, little-endian: 8 bytes magic, 8 bytes file size, 32 bytes SHA-256 of the content's identity, 36 bytes boot id, zeros up to 128; then the two maps.
/// A journal that does not fit (other size, identity or magic) counts as absent.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private const int HeaderLength = 128;
    private static readonly byte[] Magic = "SVDJRNL1"u8.ToArray();

    private readonly SafeFileHandle _file;
    private readonly BlockMap _written;
    private readonly BlockMap _durable;
    private readonly Lock _gate = new();

    private Journal(SafeFileHandle file, BlockMap written, BlockMap durable)
    {
        _file = file;
        _written = written;
        _durable = durable;
    }

    /// <summary>Starts a journal for an empty partial file, or for one that already holds <paramref name="present"/>.</summary>
    /// <param name="path">Must not exist.</param>
    /// <param name="identity">What the content is, for example its digest.</param>
    /// <param name="size">The file's size in bytes.</param>
    /// <param name="present">Blocks that are there already; null for none.</param>
    /// <param name="durable">Those of them that an fdatasync has covered; null for none.</param>
    public static Journal Create(string path, string identity, long size, BlockMap? present = null, BlockMap? durable = null)
    {
        var written = present ?? new BlockMap(size);
        durable ??= new BlockMap(size);
        var bytes = new byte[HeaderLength + (2 * BlockMap.BytesFor(size))];
        WriteHeader(bytes, identity, size);
        written.Bytes.CopyTo(bytes.AsSpan(HeaderLength));
        durable.Bytes.CopyTo(bytes.AsSpan(HeaderLength + BlockMap.BytesFor(size)));
        var file = WorldReadable.Create(path);
        RandomAccess.Write(file, bytes, 0);
        return new Journal(file, written, durable);
    }

    /// <summary>What a journal on disk says is there; null when it is not there or belongs to something else.</summary>
    public static BlockMap? Read(string path, string identity, long size) => Look(path, identity, size)?.There;

    /// <summary>All that a journal on disk says; null when it is not there or belongs to something else.</summary>
    public static JournalEntry? Look(string path, string identity, long size)
    {
        var mapLength = BlockMap.BytesFor(size);
        if (PlainFile.TryRead(path, HeaderLength + (2 * mapLength)) is not { } bytes)
            return null;
        var expected = new byte[HeaderLength];
        WriteHeader(expected, identity, size);
        const int bootStart = 48;
        if (bytes.Length != HeaderLength + (2 * mapLength) || !bytes.AsSpan(0, bootStart).SequenceEqual(expected.AsSpan(0, bootStart)))
            return null;

        // A boot that has no name is not known to be this one.
        var sameBoot = Locking.Machine.BootId.Length > 0 && bytes.AsSpan(bootStart, HeaderLength - bootStart).SequenceEqual(expected.AsSpan(bootStart));
        var (written, durable) = (new BlockMap(size), new BlockMap(size));
        bytes.AsSpan(HeaderLength, mapLength).CopyTo(written.Bytes);
        bytes.AsSpan(HeaderLength + mapLength, mapLength).CopyTo(durable.Bytes);
        return new JournalEntry(written, durable, sameBoot);
    }

    /// <summary>How many bytes a journal says are written, whatever the content is; zero where it is none.</summary>
    public static long BytesWritten(string path)
    {
        if (PlainFile.TryRead(path) is not { Length: >= HeaderLength } bytes || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            return 0;
        var size = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(Magic.Length));
        if (size < 0 || size > (long)bytes.Length * 8 * BlockMap.BlockSize || bytes.Length != HeaderLength + (2 * BlockMap.BytesFor(size)))
            return 0;
        var written = new BlockMap(size);
        bytes.AsSpan(HeaderLength, BlockMap.BytesFor(size)).CopyTo(written.Bytes);
        return written.SetBytes;
    }

    /// <summary>Whether a block's bytes are in the file.</summary>
    public bool IsWritten(int block)
    {
        lock (_gate)
            return _written[block];
    }

    /// <summary>Notes that a block's bytes are in the file; call it after they were written.</summary>
    public void MarkWritten(int block)
    {
        lock (_gate)
        {
            _written.Set(block);
            WriteByte(_written, block >> 3, HeaderLength);
        }
    }

    /// <summary>Makes what is written durable: first the file's bytes, then the note about them.</summary>
    public void Checkpoint(SafeFileHandle partial)
    {
        byte[] snapshot;
        lock (_gate)
            snapshot = _written.Bytes.ToArray();
        RandomAccess.FlushToDisk(partial);
        lock (_gate)
        {
            for (var i = 0; i < snapshot.Length; i++)
                _durable.Bytes[i] |= snapshot[i];
            RandomAccess.Write(_file, _durable.Bytes, HeaderLength + _durable.Bytes.Length);
        }
    }

    /// <summary>Forgets everything: the content changed and starts again.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _written.ClearAll();
            _durable.ClearAll();
            RandomAccess.Write(_file, new byte[2 * _written.Bytes.Length], HeaderLength);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void WriteByte(BlockMap map, int index, int start) => RandomAccess.Write(_file, map.Bytes.Slice(index, 1), start + index);

    private static void WriteHeader(Span<byte> header, string identity, long size)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], size);
        SHA256.HashData(Encoding.UTF8.GetBytes(identity), header[16..]);
        Encoding.ASCII.GetBytes(Locking.Machine.BootId, header[48..]);
    }
}

/// <summary>What a journal on disk says of its partial file.</summary>
/// <param name="Written">What its owner wrote.</param>
/// <param name="Durable">What an fdatasync has covered.</param>
/// <param name="IsOfThisBoot">Whether its owner ran on this kernel, and since it booted.</param>
internal sealed record JournalEntry(BlockMap Written, BlockMap Durable, bool IsOfThisBoot)
{
    /// <summary>What may be trusted here.</summary>
    public BlockMap There => IsOfThisBoot ? Written : Durable;
}
