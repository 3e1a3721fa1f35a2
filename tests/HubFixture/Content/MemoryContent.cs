namespace Stevedore.HubFixture.Content;

/// <summary>Content that a test made up.</summary>
internal sealed class MemoryContent(byte[] bytes) : IContent, IContentReader
{
    public long Length => bytes.Length;

    public IContentReader Open() => this;

    public void Read(long offset, Span<byte> buffer) => bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);

    public void Dispose()
    {
        // The array belongs to every transfer.
    }
}
