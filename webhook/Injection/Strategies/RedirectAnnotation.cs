using System.Text;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>
/// The annotation <c>stevedore.dev/redirect</c>: lines of <c>NAME&lt;TAB&gt;PATH</c> that become the file for <c>VLLM_MODEL_REDIRECT_PATH</c> where no
/// fetcher writes one. Written anew at every admission, and never believed.
/// </summary>
internal static class RedirectAnnotation
{
    /// <summary>Its name behind the prefix.</summary>
    public const string Name = "redirect";

    /// <summary>Its whole name.</summary>
    public const string FullName = PodHeader.Prefix + Name;

    /// <summary>The value; null where no model needs a line.</summary>
    public static string? Of(IEnumerable<(string Name, string Path)> lines)
    {
        var text = new StringBuilder();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, path) in lines)
        {
            if (names.Add(name))
                text.Append(name).Append('\t').Append(path).Append('\n');
        }

        return text.Length == 0 ? null : text.ToString();
    }
}
