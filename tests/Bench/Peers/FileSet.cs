using System.Globalization;
using System.Security.Cryptography;

namespace Stevedore.Bench.Peers;

/// <summary>Files of random bytes that are fetched as a whole.</summary>
/// <param name="Name">What a person calls it on the command line.</param>
/// <param name="Title">What the report calls it.</param>
/// <param name="Sizes">Bytes of each file.</param>
internal sealed record FileSet(string Name, string Title, IReadOnlyList<long> Sizes)
{
    private const long Gibi = 1L << 30;
    private const int Kibi = 1 << 10;
    private const int SmallFiles = 5_000;
    private const int BlockSize = 1 << 20;

    /// <summary>The names of all sets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["shards", "single", "small"];

    /// <summary>Bytes in all.</summary>
    public long Bytes => Sizes.Sum();

    /// <summary>The set of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="scale">Which part of its size to take: 1 for what the report promises, less for a quick look or a small machine.</param>
    /// <param name="seed">Of the sizes of small files.</param>
    public static FileSet Of(string name, double scale, int seed) => name switch
    {
        "shards" => new FileSet(name, $"4 × {Shown(Scaled(Gibi, scale))}", [.. Enumerable.Repeat(Scaled(Gibi, scale), 4)]),
        "single" => new FileSet(name, $"1 × {Shown(Scaled(4 * Gibi, scale))}", [Scaled(4 * Gibi, scale)]),
        "small" => Small(Math.Max(1, (int)(SmallFiles * scale)), new Random(seed)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such set."),
    };

    /// <summary>Writes the files and their <c>SHA256SUMS</c> into a folder, which the server then finds under the set's name.</summary>
    /// <param name="folder">Is made.</param>
    /// <param name="seed">Of the bytes.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public async Task<WrittenSet> WriteAsync(string folder, int seed, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var files = new WrittenFile[Sizes.Count];
        await Parallel.ForAsync(0, Sizes.Count, cancellationToken, (i, stop) =>
        {
            files[i] = Write(folder, $"{Name}-{i + 1:D5}-of-{Sizes.Count:D5}.safetensors", Sizes[i], new Random(HashCode.Combine(seed, i)), stop);
            return ValueTask.CompletedTask;
        });
        await File.WriteAllLinesAsync(Path.Combine(folder, WrittenSet.Sums), files.Select(file => $"{file.Digest}  {file.Name}"), cancellationToken);
        return new WrittenSet(this, folder, files);
    }

    private static FileSet Small(int count, Random random) => new(
        "small", $"{count.ToString("N0", CultureInfo.InvariantCulture)} files of 4–64 KiB", [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(4 * Kibi, (64 * Kibi) + 1))]);

    private static WrittenFile Write(string folder, string name, long size, Random random, CancellationToken cancellationToken)
    {
        using var file = File.Create(Path.Combine(folder, name), BlockSize);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[(int)Math.Min(size, BlockSize)];
        for (var left = size; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = block.AsSpan(0, (int)Math.Min(left, block.Length));
            random.NextBytes(bytes);
            hash.AppendData(bytes);
            file.Write(bytes);
            left -= bytes.Length;
        }

        return new WrittenFile(name, size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static long Scaled(long bytes, double scale) => Math.Max(BlockSize, (long)(bytes * scale) / BlockSize * BlockSize);

    private static string Shown(long bytes) => bytes % Gibi == 0 ? $"{bytes / Gibi} GiB" : $"{bytes >> 20} MiB";
}

/// <summary>A set that lies in a folder.</summary>
/// <param name="Set">Which.</param>
/// <param name="Folder">Where.</param>
/// <param name="Files">What is in it besides <see cref="Sums"/>.</param>
internal sealed record WrittenSet(FileSet Set, string Folder, IReadOnlyList<WrittenFile> Files)
{
    /// <summary>The list of digests; a file like all others to whoever does not know it.</summary>
    public const string Sums = "SHA256SUMS";

    /// <summary>Everything that is served.</summary>
    public IEnumerable<string> Names => Files.Select(file => file.Name).Append(Sums);
}

/// <summary>One file of a set.</summary>
/// <param name="Name">Its name, which needs no encoding anywhere.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">SHA-256 in lower-case hex.</param>
internal sealed record WrittenFile(string Name, long Size, string Digest);
