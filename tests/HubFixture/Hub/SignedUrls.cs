using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Stevedore.HubFixture.Hub;

/// <summary>What a signed address lets its bearer read.</summary>
internal sealed record Grant(string RepositoryId, string Sha256, string File, long ExpiresAt, int Generation);

/// <summary>
/// Addresses on the CDN: a policy that names the content and when it ends, and a signature over it that only this server can make.
/// </summary>
internal sealed class SignedUrls(Func<Uri> cdn, HubOptions options)
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private int _generation;

    /// <summary>From now on, addresses given out before are refused.</summary>
    public void ExpireAll() => Interlocked.Increment(ref _generation);

    public string Sign(Repository repository, RepositoryFile file)
    {
        var expires = (options.Time.GetUtcNow() + options.SignedUrlLifetime).ToUnixTimeSeconds();
        var policy = Encoding.UTF8.GetBytes($"{repository.Id}\n{file.Sha256}\n{expires}\n{Volatile.Read(ref _generation)}\n{file.Path}");
        var name = Uri.EscapeDataString(file.Path[(file.Path.LastIndexOf('/') + 1)..]);
        return new Uri(cdn(), $"repos/{file.Sha256![..2]}/{file.Sha256}").AbsoluteUri
            + $"?response-content-disposition=inline%3B+filename*%3DUTF-8%27%27{name}&Expires={expires}"
            + $"&Policy={Base64Url.EncodeToString(policy)}&Signature={Signature(policy)}&Key-Pair-Id=fixture";
    }

    /// <summary>The grant that an address carries, whether or not it has ended; null where this server never signed it.</summary>
    public Grant? Read(HttpRequest request, string path)
    {
        var encoded = request.Query["Policy"].ToString();
        if (!Base64Url.IsValid(encoded))
            return null;
        var policy = Base64Url.DecodeFromChars(encoded);
        if (request.Query["Signature"] != Signature(policy))
            return null;
        var parts = Encoding.UTF8.GetString(policy).Split('\n', 5);
        var grant = new Grant(parts[0], parts[1], parts[4], long.Parse(parts[2]), int.Parse(parts[3]));
        return path == $"/repos/{grant.Sha256[..2]}/{grant.Sha256}" ? grant : null;
    }

    public bool IsGood(Grant grant) =>
        grant.Generation == Volatile.Read(ref _generation) && options.Time.GetUtcNow().ToUnixTimeSeconds() < grant.ExpiresAt;

    private string Signature(byte[] policy) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, policy));
}
