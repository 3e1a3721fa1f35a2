using Microsoft.Win32.SafeHandles;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Sources.Mirrors;

namespace Stevedore.Fetcher.Publishing.Copies;

/// <summary>A mounted folder that a copy is written to.</summary>
/// <param name="reference">Which.</param>
internal sealed class FolderTarget(FileReference reference) : ICopyTarget
{
    private const int Part = 8 << 20;
    private const string Temporary = ".part";

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, StoredFile>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredFile>(StringComparer.Ordinal);
        if (Directory.Exists(reference.Path))
        {
            foreach (var file in new DirectoryInfo(reference.Path).EnumerateFiles("*", SearchOption.AllDirectories))
                found[Path.GetRelativePath(reference.Path, file.FullName)] = new StoredFile(file.Length, TagOf(file));
        }

        return Task.FromResult<IReadOnlyDictionary<string, StoredFile>>(found);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(PathOf(path)) ? await File.ReadAllBytesAsync(PathOf(path), cancellationToken) : null;

    /// <inheritdoc/>
    public Task<string> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        WorldReadable.Replace(PathOf(path), content.Span);
        Libc.SyncFolder(Path.GetDirectoryName(PathOf(path))!);
        return Task.FromResult(TagOf(new FileInfo(PathOf(path))));
    }

    /// <inheritdoc/>
    public Task<ICopyUpload> BeginAsync(string path, long size, CancellationToken cancellationToken)
    {
        WorldReadable.MakeFolder(PathOf(MirrorLayout.Folder));
        var temporary = PathOf($"{MirrorLayout.Folder}/{Guid.NewGuid():N}{Temporary}");
        return Task.FromResult<ICopyUpload>(new Upload(temporary, PathOf(path), WorldReadable.Create(temporary, size)));
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        if (File.Exists(PathOf(path)))
            File.Delete(PathOf(path));
        return Task.CompletedTask;
    }

    private string PathOf(string path) => Path.Combine(reference.Path, path);

    private static string TagOf(FileInfo file) => $"{file.LastWriteTimeUtc.Ticks}";

    private sealed class Upload(string temporary, string final, SafeFileHandle file) : ICopyUpload
    {
        public int PartSize => Part;

        public Task SendAsync(int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
        {
            RandomAccess.Write(file, part.Span, (number - 1L) * Part);
            return Task.CompletedTask;
        }

        public Task<string> CompleteAsync(CancellationToken cancellationToken)
        {
            RandomAccess.FlushToDisk(file);
            WorldReadable.MakeFolder(Path.GetDirectoryName(final)!);
            File.Move(temporary, final, overwrite: true);
            Libc.SyncFolder(Path.GetDirectoryName(final)!);
            return Task.FromResult(TagOf(new FileInfo(final)));
        }

        public ValueTask DisposeAsync()
        {
            file.Dispose();
            File.Delete(temporary);
            return ValueTask.CompletedTask;
        }
    }
}
