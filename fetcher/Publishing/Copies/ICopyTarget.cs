namespace Stevedore.Fetcher.Publishing.Copies;

/// <summary>Storage of one's own that a copy of a model is written to. A file appears there whole or not at all.</summary>
internal interface ICopyTarget
{
    /// <summary>What is there now, by path.</summary>
    Task<IReadOnlyDictionary<string, StoredFile>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Reads a short file; null where it is not there.</summary>
    Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>Writes a file that is in memory as a whole.</summary>
    /// <returns>The tag that tells this content from what anybody writes there later.</returns>
    /// <exception cref="FetchException">73 or 77: it can't be written there; 69: the storage is down.</exception>
    Task<string> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Begins a large file.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="size">Bytes of the whole.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<ICopyUpload> BeginAsync(string path, long size, CancellationToken cancellationToken);

    /// <summary>Removes a file; does nothing where it is not there.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);
}

/// <summary>A file in the storage.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Tag">ETag or time of modification; changes when the content does.</param>
internal sealed record StoredFile(long Size, string Tag);

/// <summary>A large file on its way. Disposing of it before it is complete leaves nothing of it behind.</summary>
internal interface ICopyUpload : IAsyncDisposable
{
    /// <summary>How many bytes a part has; only the last one may have fewer.</summary>
    int PartSize { get; }

    /// <summary>Sends the next part; the bytes are the callee's until the task has ended.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="part">Its bytes.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task SendAsync(int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken);

    /// <summary>Makes the file appear.</summary>
    /// <returns>Its tag.</returns>
    Task<string> CompleteAsync(CancellationToken cancellationToken);
}
