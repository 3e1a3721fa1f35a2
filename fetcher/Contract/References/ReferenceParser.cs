using System.Text;
using System.Text.RegularExpressions;

namespace Stevedore.Contract.References;

/// <summary>One method per scheme; each gives a typed reference or the sentence for whoever wrote the text.</summary>
internal static partial class ReferenceParser
{
    private const int LongestReference = 2048;

    // NAME_MAX of Linux, and what the cache's own names leave of it: "models--" and "--" around an id, "resolved." and a filter's key around a revision.
    private const int LongestName = 255;
    private const int LongestHubId = 240;
    private const int LongestRevision = 200;
    private const string Example = "write for example hf://Qwen/Qwen3-8B@main, s3://bucket/prefix/ or https://host/dir/";

    public static Parsed<ModelReference> Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
            return Wrong("The model reference is empty", Example);
        if (trimmed.Length > LongestReference)
            return Wrong($"The model reference is {trimmed.Length} characters long and at most {LongestReference} are taken", Example);

        var colon = trimmed.IndexOf("://", StringComparison.Ordinal);
        var scheme = colon < 0 ? null : trimmed[..colon].ToLowerInvariant();
        var rest = colon < 0 ? trimmed : trimmed[(colon + 3)..];
        var shown = Quoted.Text(ShownText.Of(scheme, trimmed, rest));
        if (ShownText.CarriesPassword(rest))
            return Wrong($"The model reference {shown} carries a user name and a password, and references end up where others can read them", Example);
        if (trimmed.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return Wrong($"The model reference {shown} contains white space or control characters", Example);
        // A half of a surrogate pair, or what stands for bytes that were no UTF-8: two such texts may become one on disk.
        if (trimmed.EnumerateRunes().Contains(Rune.ReplacementChar))
            return Wrong($"The model reference {shown} contains what is not text", Example);

        return scheme switch
        {
            null => BareOrWrong(shown, rest),
            "hf" => Hub(shown, rest),
            "s3" => S3(shown, rest),
            "http" or "https" => Http(shown, trimmed, rest),
            "file" => File(shown, rest),
            "pvc" => Claim(shown, rest),
            "oci" => Image(shown, rest),
            _ => Wrong($"The model reference {shown} has the unknown scheme {Quoted.Text(scheme)}", "use one of hf, s3, http, https, file, pvc, oci"),
        };
    }

    private static Parsed<ModelReference> BareOrWrong(string shown, string text) =>
        text.StartsWith('/')
            ? Wrong($"The model reference {shown} is a path", "write file:///DIR/ where a directory is meant")
            : Hub(shown, text, ownerNeeded: true);

    private static Parsed<ModelReference> Hub(string whole, string rest, bool ownerNeeded = false)
    {
        const string form = "write hf://OWNER/NAME or hf://OWNER/NAME@REVISION, such as hf://Qwen/Qwen3-8B@main";
        if (FirstOf(rest, '?', '#') is { } mark)
            return Wrong($"The model reference {whole} contains \"{mark}\"", form);

        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var id = at < 0 ? rest : rest[..at];
        var revision = at < 0 ? null : rest[(at + 1)..];
        if (!ownerNeeded)
            id = id.TrimEnd('/');
        var parts = id.Split('/');
        if (parts.Length > 2 || (ownerNeeded && parts.Length != 2))
            return Wrong($"The model reference {whole} is not of the form OWNER/NAME", form);
        foreach (var part in parts)
        {
            if (!HubName().IsMatch(part) || part.Contains("--", StringComparison.Ordinal) || part.Contains("..", StringComparison.Ordinal)
                || part.EndsWith(".git", StringComparison.Ordinal))
            {
                return Wrong(
                    $"The model reference {whole} has the part {Quoted.Text(part)}, and the Hub's names are letters, digits, \"-\", \"_\" and \".\" "
                    + "(96 at most, no \"--\", no \"..\", none of \"-\" and \".\" at either end)",
                    form);
            }
        }

        if (revision is not null && !IsRevision(revision))
            return Wrong($"The model reference {whole} has the revision {Quoted.Text(revision)}, which can't be a branch, tag or commit", form);

        if (parts.Sum(Encoding.UTF8.GetByteCount) > LongestHubId)
            return Wrong($"The model reference {whole} is longer than a folder's name can be", form);

        return new HubReference(parts.Length == 2 ? parts[0] : null, parts[^1], revision);
    }

    private static Parsed<ModelReference> S3(string whole, string rest)
    {
        const string form = "write s3://BUCKET/PREFIX/";
        if (FirstOf(rest, '@', '?', '#') is { } mark)
            return Wrong($"The model reference {whole} contains \"{mark}\"", form + "; credentials and versions do not belong into it");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        var prefix = slash < 0 ? "" : rest[(slash + 1)..];
        if (!BucketName().IsMatch(bucket) || bucket.Contains("..", StringComparison.Ordinal))
            return Wrong($"The model reference {whole} has the bucket {Quoted.Text(bucket)}, which no S3 store accepts", form);
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
            prefix += "/";
        if (ProblemOf(prefix) is { } problem)
            return Wrong($"The model reference {whole} has {problem} in its prefix", form);
        return new S3Reference(bucket, prefix);
    }

    private static Parsed<ModelReference> Http(string whole, string text, string rest)
    {
        const string form = "write https://HOST/DIR/ for a directory or https://HOST/DIR/FILE for one file";
        if (FirstOf(rest, '?', '#') is not null)
            return Wrong($"The model reference {whole} has a query or a fragment, and references end up where others can read them", form);
        // The framework reads a backslash as a slash, and so would move the line between host and path.
        if (rest.Contains('\\', StringComparison.Ordinal) || !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
            return Wrong($"The model reference {whole} is not a web address", form);
        if (address.UserInfo.Length > 0)
            return Wrong($"The model reference to {address.Host} carries a user name or password, and references end up where others can read them", form);
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (ProblemOf(slash < 0 ? "" : Uri.UnescapeDataString(rest[(slash + 1)..])) is { } problem)
            return Wrong($"The model reference {whole} has {problem} in its path", form);
        return new HttpReference(address);
    }

    private static Parsed<ModelReference> File(string whole, string rest)
    {
        const string form = "write file:///DIR/ with three slashes";
        if (FirstOf(rest, '?', '#') is { } mark)
            return Wrong($"The model reference {whole} contains \"{mark}\"", form);
        if (!rest.StartsWith('/') || rest.StartsWith("//", StringComparison.Ordinal))
            return Wrong($"The model reference {whole} is not an absolute path", form);
        var path = rest.Trim('/');
        if (path.Length == 0)
            return Wrong($"The model reference {whole} names the root", form);
        if (ProblemOf(path) is { } problem)
            return Wrong($"The model reference {whole} has {problem} in its path", form);
        return new FileReference($"/{path}/");
    }

    private static Parsed<ModelReference> Claim(string whole, string rest)
    {
        const string form = "write pvc://CLAIM/PATH";
        if (FirstOf(rest, '@', '?', '#') is { } mark)
            return Wrong($"The model reference {whole} contains \"{mark}\"", form);
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var claim = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? "" : rest[(slash + 1)..].TrimEnd('/');
        if (claim.Length > 253 || !KubernetesName().IsMatch(claim))
            return Wrong($"The model reference {whole} has the claim {Quoted.Text(claim)}, which is not a Kubernetes name", form);
        if (ProblemOf(path) is { } problem)
            return Wrong($"The model reference {whole} has {problem} in its path", form);
        return new ClaimReference(claim, path);
    }

    private static Parsed<ModelReference> Image(string whole, string rest)
    {
        const string form = "write oci://REGISTRY/REPOSITORY:TAG or oci://REGISTRY/REPOSITORY@sha256:DIGEST";
        return ImageName().IsMatch(rest)
            ? new ImageReference(rest)
            : Wrong($"The model reference {whole} does not name an image with a tag or a digest", form);
    }

    /// <summary>What Git takes as a ref name, and what is safe as a path below <c>refs/</c>.</summary>
    private static bool IsRevision(string revision) =>
        revision.Length > 0
        && Uri.EscapeDataString(revision).Length <= LongestRevision
        && RevisionCharacters().IsMatch(revision)
        && !revision.EndsWith('/') && !revision.EndsWith('.')
        && revision.Split('/').All(part => part.Length > 0 && !part.StartsWith('.') && !part.EndsWith(".lock", StringComparison.Ordinal))
        && !revision.Contains("..", StringComparison.Ordinal);

    /// <summary>What no folder of a cache could be named for; one <c>/</c> at the end is no part of its own.</summary>
    private static string? ProblemOf(string path)
    {
        if (path.Length == 0)
            return null;
        foreach (var part in (path.EndsWith('/') ? path[..^1] : path).Split('/'))
        {
            if (part is "" or "." or "..")
                return "an empty, \".\" or \"..\" part";
            if (part.Any(c => c == '\\' || char.IsControl(c)))
                return "a backslash or a control character";
            if (Encoding.UTF8.GetByteCount(part) > LongestName)
                return $"a part of more than {LongestName} bytes";
        }

        return null;
    }

    private static char? FirstOf(string text, params ReadOnlySpan<char> marks) =>
        text.AsSpan().IndexOfAny(marks) is >= 0 and var at ? text[at] : null;

    private static Parsed<ModelReference> Wrong(string what, string form) => Parsed<ModelReference>.Wrong($"{what}; {form}.");

    // huggingface_hub's validate_repo_id: \w is any script's letters and digits there too.
    [GeneratedRegex(@"^(?![-.])[\w\-.]{1,96}(?<![-.])$")]
    private static partial Regex HubName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex KubernetesName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.\-]*(:[0-9]+)?(/[a-z0-9]+([._\-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127})?(@sha256:[0-9a-f]{64})?(?<=[:@][^/]+)$")]
    private static partial Regex ImageName();

    [GeneratedRegex(@"^[^\x00-\x20\x7f~^:?*\[\\@{},]+$")]
    private static partial Regex RevisionCharacters();
}
