using Stevedore.Contract;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Hub;

/// <summary>The Hub that is asked, and as whom.</summary>
/// <param name="Root">Without a slash at its end; a mirror may live below a path.</param>
/// <param name="Token">Never printed; null for anonymous calls.</param>
internal sealed record HubEndpoint(Uri Root, string? Token)
{
    /// <summary>The public Hub.</summary>
    public const string Public = "https://huggingface.co";

    private const int LongestTokenFile = 64 * 1024;

    /// <summary>Reads <c>HF_ENDPOINT</c>, and the token from <c>HF_TOKEN</c>, <c>HUGGING_FACE_HUB_TOKEN</c> or the file that <c>HF_TOKEN_PATH</c> names.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="FetchException">64: one of them can't be what is meant.</exception>
    public static HubEndpoint From(Func<string, string?> environment)
    {
        var endpoint = environment("HF_ENDPOINT") is { } written && written.Trim().Length > 0 ? written.Trim() : Public;
        if (!Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
            throw Usage($"HF_ENDPOINT is not a web address; write one such as {Public}.");
        if (root.UserInfo.Length > 0 || root.Query.Length > 0 || root.Fragment.Length > 0)
            throw Usage($"HF_ENDPOINT carries a user name, a query or a fragment, which would end up in logs; write an address such as {Public} and give the token in HF_TOKEN.");
        return new HubEndpoint(root, TokenFrom(environment));
    }

    /// <summary>An address below the endpoint.</summary>
    /// <param name="path">Percent-encoded, without a slash before it.</param>
    public WebQuestion Ask(string path) => Ask(new Uri($"{Root.AbsoluteUri.TrimEnd('/')}/{path}"));

    /// <summary>An address that the Hub itself named; the token goes along only if it is the Hub's own.</summary>
    public WebQuestion Ask(Uri address) =>
        new(address) { Authorization = Token is not null && WebAddress.SameOrigin(Root, address) ? $"Bearer {Token}" : null };

    /// <summary>A mirror of this Hub: the token is for this one, and goes nowhere else.</summary>
    public HubEndpoint Mirrored(Uri root) => new(root, WebAddress.SameOrigin(Root, root) ? Token : null);

    /// <inheritdoc/>
    public override string ToString() => WebAddress.Shown(Root);

    private static string? TokenFrom(Func<string, string?> environment)
    {
        foreach (var variable in (string[])["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
        {
            if (environment(variable)?.Trim() is { Length: > 0 } token)
                return Checked(token, variable);
        }

        return environment("HF_TOKEN_PATH") is { Length: > 0 } path && ReadToken(path).Trim() is { Length: > 0 } read
            ? Checked(read, "the file that HF_TOKEN_PATH names")
            : null;
    }

    /// <summary>A file that is not there means no token, as it does to the Hub's own library: an optional Secret mounts nothing.</summary>
    private static string ReadToken(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return "";
            return file.Length <= LongestTokenFile
                ? File.ReadAllText(path)
                : throw Usage($"HF_TOKEN_PATH names {path}, which is too long to hold a token; name a file with nothing but the token in it.");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw Usage($"HF_TOKEN_PATH names {path}, which can't be read; let this user read it, or give the token in HF_TOKEN.");
        }
    }

    /// <summary>A control character would end the header and begin another, anything beyond ASCII has no meaning in one.</summary>
    private static string Checked(string token, string where) => token.All(c => c is > ' ' and < '\x7f')
        ? token
        : throw Usage($"The token in {where} contains white space, control characters or letters that no token has; write nothing but the token there.");

    private static FetchException Usage(string sentence) => new(ExitCode.Usage, sentence);
}
