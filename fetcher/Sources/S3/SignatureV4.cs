using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>Signs requests without a body as S3 wants it: AWS Signature Version 4, in headers.</summary>
/// <remarks>
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Of our own, since the SDK signs only what its own connections send, and presigned
/// addresses would be secrets.
/// </remarks>
/// <param name="keys">Gives the keys of the moment: those of a role are renewed while a large model is fetched. Null for a question without a signature.</param>
/// <param name="region">The bucket's region.</param>
/// <param name="time">The clock; S3 refuses one that is more than 15 minutes off.</param>
internal sealed class SignatureV4(Func<S3Keys?> keys, string region, TimeProvider time) : IRequestSigner
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Service = "s3";
    private const string OwnPrefix = "x-amz-";

    // SHA-256 of nothing: these requests have no body.
    private const string EmptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Sign(WebQuestion question)
    {
        if (keys() is not { } signing)
            return [];

        var now = time.GetUtcNow().UtcDateTime;
        var stamp = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        List<KeyValuePair<string, string>> added = [new("x-amz-content-sha256", EmptyBody), new("x-amz-date", stamp)];
        if (signing.SessionToken is { } token)
            added.Add(new("x-amz-security-token", token));

        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = question.Address.IdnHost + PortOf(question.Address) };
        if (question.RangeHeader is { } range)
            signed["range"] = range;
        foreach (var (name, value) in question.Headers.Concat(added).Where(header => header.Key.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase)))
            signed[name.ToLowerInvariant()] = value.Trim();

        var names = string.Join(';', signed.Keys);
        var canonical = $"{question.Method}\n{question.Address.AbsolutePath}\n{CanonicalQuery(question.Address)}\n"
            + string.Concat(signed.Select(header => $"{header.Key}:{header.Value}\n")) + $"\n{names}\n{EmptyBody}";
        var scope = $"{stamp[..8]}/{region}/{Service}/aws4_request";
        var text = $"{Algorithm}\n{stamp}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Hex(Hmac(SigningKey(signing.Secret, stamp[..8]), text));
        added.Add(new("Authorization", $"{Algorithm} Credential={signing.AccessKey}/{scope}, SignedHeaders={names}, Signature={signature}"));
        return added;
    }

    private byte[] SigningKey(string secret, string day) =>
        Hmac(Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("AWS4" + secret), day), region), Service), "aws4_request");

    private static string PortOf(Uri address) => address.IsDefaultPort ? "" : $":{address.Port}";

    /// <summary>The parameters sorted by name; they are encoded already, as <see cref="S3Place"/> writes them.</summary>
    private static string CanonicalQuery(Uri address) => string.Join(
        '&',
        address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=")
            .Order(StringComparer.Ordinal));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
