using Microsoft.Win32.SafeHandles;

namespace Stevedore.HubFixture.Content;

/// <summary>A file, read from where it lies as often as it is asked for; never held in memory.</summary>
internal sealed class DiskContent(string path) : IContent
{
    public long Length { get; } = new FileInfo(path).Length;

    public IContentReader Open() => new Reader(path);

    private sealed class Reader(string path) : IContentReader
    {
        private readonly SafeFileHandle _file = File.OpenHandle(path, options: FileOptions.SequentialScan);

        public void Read(long offset, Span<byte> buffer)
        {
            while (buffer.Length > 0)
            {
                var read = RandomAccess.Read(_file, buffer, offset);
                if (read == 0)
                    throw new EndOfStreamException($"{path} became shorter while it was being served; leave a served folder alone.");
                buffer = buffer[read..];
                offset += read;
            }
        }

        public void Dispose() => _file.Dispose();
    }
}
