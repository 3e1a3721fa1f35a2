using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>Where a mirror keeps a reference: the rule's target in the place of its prefix.</summary>
internal static class MirrorAddress
{
    /// <summary>
    /// The folders that may hold a copy, the likelier one first. A revision other than <c>main</c> has a folder of its own, <c>NAME--REVISION</c>, which no name on the Hub
    /// can have; where there is none, the plain folder may hold that very version.
    /// </summary>
    public static IReadOnlyList<ModelReference> FoldersOf(ModelReference reference, MirrorRule rule)
    {
        var target = ModelReference.Parse(rule.Target).OrThrow();
        return [.. RestsOf(reference, rule.Prefix).Select(rest => Join(target, rest))];
    }

    /// <summary>The Hub that the rule may mean: what stands before the model's name in the mirror's address; null where the target can be none.</summary>
    public static Uri? HubOf(ModelReference reference, MirrorRule rule)
    {
        if (reference is not HubReference hub || ModelReference.Parse(rule.Target).Value is not HttpReference)
            return null;
        var address = (rule.Target + RestOf($"hf://{hub.Id}", rule.Prefix)).TrimEnd('/');
        return address.EndsWith("/" + hub.Id, StringComparison.Ordinal) && Uri.TryCreate(address[..^(hub.Id.Length + 1)], UriKind.Absolute, out var root) ? root : null;
    }

    private static IEnumerable<string> RestsOf(ModelReference reference, string prefix)
    {
        switch (reference)
        {
            case HubReference hub:
                var name = RestOf($"hf://{hub.Id}", prefix).TrimEnd('/');
                if (hub.RevisionOrDefault != HubReference.DefaultRevision)
                    yield return $"{name}--{Uri.EscapeDataString(hub.RevisionOrDefault)}";
                yield return name;
                break;
            case HttpReference http:
                yield return Uri.UnescapeDataString(RestOf(http.ToString(), prefix));
                break;
            default:
                yield return RestOf(reference.ToString(), prefix);
                break;
        }
    }

    // A prefix may be a whole reference, with its revision.
    private static string RestOf(string text, string prefix) => text.Length > prefix.Length ? text[prefix.Length..] : "";

    private static ModelReference Join(ModelReference target, string rest)
    {
        var path = rest.Trim('/');
        return target switch
        {
            S3Reference s3 => s3 with { Prefix = s3.Prefix + (path.Length == 0 ? "" : path + "/") },
            FileReference file => file with { Path = file.Path + (path.Length == 0 ? "" : path + "/") },
            HttpReference http => new HttpReference(new Uri(http.Address.AbsoluteUri + (path.Length == 0 ? "" : WebAddress.Encoded(path) + "/"))),
            _ => throw new ArgumentException($"{target} can't be a mirror.", nameof(target)),
        };
    }
}
