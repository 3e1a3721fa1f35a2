namespace Stevedore.HubFixture.Content;

/// <summary>Bytes that the fixture serves, wherever they lie.</summary>
internal interface IContent
{
    long Length { get; }

    IContentReader Open();
}

/// <summary>One transfer's access to the bytes.</summary>
internal interface IContentReader : IDisposable
{
    /// <summary>Fills the buffer with the bytes from the offset on.</summary>
    /// <exception cref="EndOfStreamException">The content has become shorter than its length was.</exception>
    void Read(long offset, Span<byte> buffer);
}
