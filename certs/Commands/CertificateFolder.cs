using System.Security.Cryptography;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Commands;

/// <summary>A folder with <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c>, named as in a Kubernetes TLS Secret.</summary>
internal sealed class CertificateFolder(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private string Authority => Path.Combine(path, "ca.crt");

    private string Certificate => Path.Combine(path, "tls.crt");

    private string Key => Path.Combine(path, "tls.key");

    /// <summary>
    /// When what is there expires, if it serves as it is: signed by the authority beside it, for all the names, with a third of its life
    /// still ahead. Null when it must be issued.
    /// </summary>
    public DateTimeOffset? Serves(ServingNames names, DateTimeOffset now)
    {
        if (!File.Exists(Authority) || !File.Exists(Certificate) || !File.Exists(Key))
            return null;
        var pem = new PemPair(File.ReadAllText(Certificate), File.ReadAllText(Key));
        if (!ServingPair.TryRead(pem, Certificate, Key, now, out var pair, out _))
            return null;

        using (pair)
        {
            var leaf = pair.Leaf;
            var enough = (pair.Expires - now) * 3 >= leaf.NotAfter - leaf.NotBefore;
            return enough && pair.Covers(names) && pair.IsSignedBy(File.ReadAllText(Authority), now) ? pair.Expires : null;
        }
    }

    /// <summary>
    /// Replaces the three files. Each appears complete, under its name, by a rename; the key is readable by its owner alone from its first
    /// byte on.
    /// </summary>
    public void Replace(string authorityPem, PemPair pair)
    {
        Directory.CreateDirectory(path);
        Put(Key, pair.KeyPem, Private);
        Put(Certificate, pair.CertificatePem, Public);
        Put(Authority, authorityPem, Public);
    }

    private static void Put(string file, string text, UnixFileMode mode)
    {
        var partial = $"{file}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.partial";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        try
        {
            using (var writer = new StreamWriter(partial, options))
                writer.Write(text);
            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
