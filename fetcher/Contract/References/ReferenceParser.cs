using System.Text.RegularExpressions;

namespace Stevedore.Contract.References;

/// <summary>One method per scheme; each gives a typed reference or the sentence for whoever wrote the text.</summary>
internal static partial class ReferenceParser
{
    private const int LongestReference = 2048;
    private const string Example = "write for example hf://Qwen/Qwen3-8B@main, s3://bucket/prefix/ or https://host/dir/";

    public static Parsed<ModelReference> Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
            return Wrong("The model reference is empty", Example);
        if (trimmed.Length > LongestReference)
            return Wrong($"The model reference is {trimmed.Length} characters long and at most {LongestReference} are taken", Example);
        if (trimmed.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return Wrong($"The model reference \"{Printable(trimmed)}\" contains white space or control characters", Example);

        var colon = trimmed.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0)
            return BareOrWrong(trimmed);

        var rest = trimmed[(colon + 3)..];
        return trimmed[..colon].ToLowerInvariant() switch
        {
            "hf" => Hub(trimmed, rest),
            "s3" => S3(trimmed, rest),
            "http" or "https" => Http(trimmed),
            "file" => File(trimmed, rest),
            "pvc" => Claim(trimmed, rest),
            "oci" => Image(trimmed, rest),
            var scheme => Wrong(
                $"The model reference \"{trimmed}\" has the unknown scheme \"{scheme}\"", "use one of hf, s3, http, https, file, pvc, oci"),
        };
    }

    private static Parsed<ModelReference> BareOrWrong(string text) =>
        text.StartsWith('/')
            ? Wrong($"The model reference \"{text}\" is a path", $"write file://{text.TrimEnd('/')}/ where a directory is meant")
            : Hub(text, text, ownerNeeded: true);

    private static Parsed<ModelReference> Hub(string whole, string rest, bool ownerNeeded = false)
    {
        const string form = "write hf://OWNER/NAME or hf://OWNER/NAME@REVISION, such as hf://Qwen/Qwen3-8B@main";
        if (FirstOf(rest, '?', '#') is { } mark)
            return Wrong($"The model reference \"{whole}\" contains \"{mark}\"", form);

        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var id = at < 0 ? rest : rest[..at];
        var revision = at < 0 ? null : rest[(at + 1)..];
        if (!ownerNeeded)
            id = id.TrimEnd('/');
        var parts = id.Split('/');
        if (parts.Length > 2 || (ownerNeeded && parts.Length != 2))
            return Wrong($"The model reference \"{whole}\" is not of the form OWNER/NAME", form);
        foreach (var part in parts)
        {
            if (!HubName().IsMatch(part) || part.Contains("--", StringComparison.Ordinal) || part.Contains("..", StringComparison.Ordinal)
                || part.EndsWith(".git", StringComparison.Ordinal))
            {
                return Wrong(
                    $"The model reference \"{whole}\" has the part \"{part}\", and the Hub's names are letters, digits, \"-\", \"_\" and \".\" "
                    + "(96 at most, no \"--\", no \"..\", none of \"-\" and \".\" at either end)",
                    form);
            }
        }

        if (revision is not null && !IsRevision(revision))
            return Wrong($"The model reference \"{whole}\" has the revision \"{revision}\", which can't be a branch, tag or commit", form);

        return new HubReference(parts.Length == 2 ? parts[0] : null, parts[^1], revision);
    }

    private static Parsed<ModelReference> S3(string whole, string rest)
    {
        const string form = "write s3://BUCKET/PREFIX/";
        if (FirstOf(rest, '@', '?', '#') is { } mark)
            return Wrong($"The model reference \"{whole}\" contains \"{mark}\"", form + "; credentials and versions do not belong into it");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        var prefix = slash < 0 ? "" : rest[(slash + 1)..];
        if (!BucketName().IsMatch(bucket) || bucket.Contains("..", StringComparison.Ordinal))
            return Wrong($"The model reference \"{whole}\" has the bucket \"{bucket}\", which no S3 store accepts", form);
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
            prefix += "/";
        if (HasEmptyOrClimbingSegment(prefix.TrimEnd('/')))
            return Wrong($"The model reference \"{whole}\" has an empty, \".\" or \"..\" part in its prefix", form);
        return new S3Reference(bucket, prefix);
    }

    private static Parsed<ModelReference> Http(string whole)
    {
        const string form = "write https://HOST/DIR/ for a directory or https://HOST/DIR/FILE for one file";
        if (whole.Contains('#', StringComparison.Ordinal) || whole.Contains('?', StringComparison.Ordinal))
            return Wrong($"The model reference \"{Shortened(whole)}\" has a query or a fragment, and references end up where others can read them", form);
        if (!Uri.TryCreate(whole, UriKind.Absolute, out var address) || address.Host.Length == 0)
            return Wrong($"The model reference \"{whole}\" is not a web address", form);
        if (address.UserInfo.Length > 0)
            return Wrong($"The model reference to {address.Host} carries a user name or password, and references end up where others can read them", form);
        var written = whole[(whole.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var path = written.Contains('/', StringComparison.Ordinal) ? written[(written.IndexOf('/', StringComparison.Ordinal) + 1)..] : "";
        if (HasEmptyOrClimbingSegment(Uri.UnescapeDataString(path).TrimEnd('/')))
            return Wrong($"The model reference \"{whole}\" has an empty, \".\" or \"..\" part in its path", form);
        return new HttpReference(address);
    }

    private static Parsed<ModelReference> File(string whole, string rest)
    {
        const string form = "write file:///DIR/ with three slashes";
        if (FirstOf(rest, '?', '#') is { } mark)
            return Wrong($"The model reference \"{whole}\" contains \"{mark}\"", form);
        if (!rest.StartsWith('/') || rest.StartsWith("//", StringComparison.Ordinal))
            return Wrong($"The model reference \"{whole}\" is not an absolute path", form);
        var path = rest.TrimEnd('/');
        if (path.Length == 0 || HasEmptyOrClimbingSegment(path[1..]))
            return Wrong($"The model reference \"{whole}\" has an empty, \".\" or \"..\" part in its path", form);
        return new FileReference(path + "/");
    }

    private static Parsed<ModelReference> Claim(string whole, string rest)
    {
        const string form = "write pvc://CLAIM/PATH";
        if (FirstOf(rest, '@', '?', '#') is { } mark)
            return Wrong($"The model reference \"{whole}\" contains \"{mark}\"", form);
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var claim = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? "" : rest[(slash + 1)..].TrimEnd('/');
        if (claim.Length > 253 || !KubernetesName().IsMatch(claim))
            return Wrong($"The model reference \"{whole}\" has the claim \"{claim}\", which is not a Kubernetes name", form);
        if (HasEmptyOrClimbingSegment(path))
            return Wrong($"The model reference \"{whole}\" has an empty, \".\" or \"..\" part in its path", form);
        return new ClaimReference(claim, path);
    }

    private static Parsed<ModelReference> Image(string whole, string rest)
    {
        const string form = "write oci://REGISTRY/REPOSITORY:TAG or oci://REGISTRY/REPOSITORY@sha256:DIGEST";
        return ImageName().IsMatch(rest)
            ? new ImageReference(rest)
            : Wrong($"The model reference \"{whole}\" does not name an image with a tag or a digest", form);
    }

    /// <summary>What Git takes as a ref name, and what is safe as a path below <c>refs/</c>.</summary>
    private static bool IsRevision(string revision) =>
        revision.Length is > 0 and <= 255
        && RevisionCharacters().IsMatch(revision)
        && !revision.EndsWith('/') && !revision.EndsWith('.')
        && revision.Split('/').All(part => part.Length > 0 && !part.StartsWith('.') && !part.EndsWith(".lock", StringComparison.Ordinal))
        && !revision.Contains("..", StringComparison.Ordinal);

    private static bool HasEmptyOrClimbingSegment(string path) =>
        path.Length > 0 && path.Split('/').Any(part => part is "" or "." or ".." || part.Contains('\\', StringComparison.Ordinal));

    private static char? FirstOf(string text, params ReadOnlySpan<char> marks) =>
        text.AsSpan().IndexOfAny(marks) is >= 0 and var at ? text[at] : null;

    private static Parsed<ModelReference> Wrong(string what, string form) => Parsed<ModelReference>.Wrong($"{what}; {form}.");

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>Without what stands behind the first <c>?</c> or <c>#</c>, since that may be a signature.</summary>
    private static string Shortened(string text) => text[..text.AsSpan().IndexOfAny('?', '#')] + "…";

    // huggingface_hub's validate_repo_id: \w is any script's letters and digits there too.
    [GeneratedRegex(@"^(?![-.])[\w\-.]{1,96}(?<![-.])$")]
    private static partial Regex HubName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    private static partial Regex KubernetesName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.\-]*(:[0-9]+)?(/[a-z0-9]+([._\-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127})?(@sha256:[0-9a-f]{64})?(?<=[:@][^/]+)$")]
    private static partial Regex ImageName();

    [GeneratedRegex(@"^[^\x00-\x20\x7f~^:?*\[\\@{},]+$")]
    private static partial Regex RevisionCharacters();
}
