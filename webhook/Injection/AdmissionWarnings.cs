using System.Text;
using Stevedore.Contract.References;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// What a person reads below <c>kubectl apply</c>: at most 120 characters each and 4 KiB in all, the bounds that Kubernetes recommends
/// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response).
/// </summary>
internal sealed class AdmissionWarnings
{
    private const int Longest = 120;
    private const int MostBytes = 4096;
    private const string Mark = "stevedore: ";

    private readonly List<string> _warnings = [];
    private int _bytes;

    /// <summary>The warnings so far.</summary>
    public IReadOnlyList<string> All => _warnings;

    /// <summary>Adds one, shortened where it is too long; what was said already, or has no room any more, is dropped.</summary>
    public void Add(string sentence)
    {
        var warning = Sentence.Tidy(Mark + sentence, Longest);
        var bytes = Encoding.UTF8.GetByteCount(warning);
        if (_bytes + bytes > MostBytes || _warnings.Contains(warning))
            return;
        _bytes += bytes;
        _warnings.Add(warning);
    }

    /// <summary>A text of the user's own inside a warning, without credentials and so short that the sentence around it stays readable.</summary>
    public static string Excerpt(string text) => Sentence.Shorten(ShownText.Of(text), 40);
}
