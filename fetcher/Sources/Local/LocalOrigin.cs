using Microsoft.Win32.SafeHandles;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Sources.Local;

/// <summary>A file of a mounted directory.</summary>
internal sealed class LocalOrigin(FileReference reference, ManifestFile file) : IContentOrigin
{
    /// <inheritdoc/>
    public OpenContent Open(long from, long to, bool whole, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Looked at again: a link may have been turned elsewhere since the list was made.
            var facts = LocalFolder.Open(reference).Look(file.Path);
            if (facts is not { Kind: FileKind.Regular })
                throw Final(new FetchException(ExitCode.NotFound, $"{file.Path} is no longer in {reference}; fetch it again when the directory is complete."));
            if (facts.Size != file.Size || (file is { Digest: null, Validator: { } listed } && facts.Modified != listed))
                throw Changed();
            return new OpenContent(new Stretch(this, OpenHandle(facts.RealPath), from, to, cancellationToken), from);
        }
        catch (FetchException refused)
        {
            throw Final(refused);
        }
        catch (UnauthorizedAccessException broken)
        {
            throw Final(LocalFolder.Unreadable(reference, file.Path, broken));
        }
        catch (IOException broken)
        {
            throw Transient(broken);
        }
    }

    /// <summary>Opens a whole file for reading.</summary>
    public static FileStream OpenFile(string path) => new(OpenHandle(path), FileAccess.Read);

    // With this sharing .NET takes no lock; on CIFS a lock on a data file would block its other readers.
    private static SafeFileHandle OpenHandle(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private TransferException Changed() => new(TransferFault.Changed, $"{file.Path} in {reference} has changed since it was listed.");

    private TransferException Transient(IOException broken) =>
        new(TransferFault.Transient, $"{file.Path} in {reference} can't be read ({broken.Message}).", inner: broken);

    private static TransferException Final(FetchException end) => new(TransferFault.Final, end.Message, final: end, inner: end);

    private sealed class Stretch(LocalOrigin origin, SafeFileHandle handle, long from, long to, CancellationToken cancellationToken) : ForwardStream
    {
        private long _at = from;

        public override int Read(Span<byte> buffer)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wanted = buffer[..(int)Math.Min(buffer.Length, to - _at)];
            if (wanted.Length == 0)
                return 0;
            int read;
            try
            {
                read = RandomAccess.Read(handle, wanted, _at);
            }
            catch (IOException broken)
            {
                throw origin.Transient(broken);
            }

            _at += read;
            return read > 0 ? read : throw origin.Changed();
        }

        protected override void Dispose(bool disposing)
        {
            handle.Dispose();
            base.Dispose(disposing);
        }
    }
}
