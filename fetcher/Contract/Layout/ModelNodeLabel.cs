using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Layout;

/// <summary>
/// The label of a node whose cache holds a model: whoever fills the cache sets it, and the scheduler finds the node by it. It says where a start is
/// likely to be warm, and is never taken for the truth: the fetcher looks at the cache itself.
/// </summary>
/// <remarks>
/// The key's name is the first 32 hexadecimal characters of the SHA-256 of these lines, each ended by a line feed, in UTF-8:
/// <list type="number">
/// <item>the reference in its canonical form, that of the Hub without its revision: <c>hf://Qwen/Qwen3-8B</c>;</item>
/// <item>the version: what the reference asks for, since that is all an admission knows; <c>main</c> where a Hub reference names no revision, a
/// commit where it names one, and nothing for the other schemes;</item>
/// <item>the <see cref="FilterKey"/>;</item>
/// <item>the cache's identity, as the webhook's policies give it.</item>
/// </list>
/// So whoever labels a node for <c>hf://Qwen/Qwen3-8B@main</c> does so for pods that ask for <c>main</c>, whichever commit that means by then; who
/// also fetched for pods that ask for the commit sets a second label.
/// </remarks>
public static class ModelNodeLabel
{
    /// <summary>What all such labels begin with.</summary>
    public const string Prefix = "models.stevedore.dev/";

    /// <summary>The value.</summary>
    public const string Ready = "ready";

    /// <summary>The label's key.</summary>
    /// <param name="reference">The model, as a pod asks for it.</param>
    /// <param name="include">The pod's <c>--include</c>.</param>
    /// <param name="exclude">The pod's <c>--exclude</c>.</param>
    /// <param name="cacheIdentity">What tells the cache from others on the same node.</param>
    public static string KeyFor(ModelReference reference, IReadOnlyList<Glob> include, IReadOnlyList<Glob> exclude, string cacheIdentity)
    {
        var (model, version) = reference is HubReference hub
            ? ((hub with { Revision = null }).ToString(), hub.RevisionOrDefault)
            : (reference.ToString(), "");
        var text = $"{model}\n{version}\n{FilterKey.Of(include, exclude)}\n{cacheIdentity}\n";
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }
}
