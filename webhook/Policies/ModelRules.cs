using Stevedore.Contract.References;
using Stevedore.Contract.Values;

namespace Stevedore.Webhook.Policies;

/// <summary>Which models may be brought: globs over references, such as <c>hf://meta-llama/*</c> or <c>s3://weights/team-a/</c>.</summary>
/// <param name="Allow">One of these must cover the model; none means all.</param>
/// <param name="Deny">None of these may cover it, whatever <paramref name="Allow"/> says.</param>
internal sealed record ModelRules(IReadOnlyList<Glob> Allow, IReadOnlyList<Glob> Deny)
{
    /// <summary>No rule.</summary>
    public static readonly ModelRules Any = new([], []);

    /// <summary>
    /// Whether the model may be brought. A glob without a revision covers every revision, and one with <c>@main</c> also what names none. The
    /// Hub takes names in any case, so a denial does too, while what is allowed is allowed as it is written.
    /// </summary>
    public bool Admit(ModelReference model)
    {
        var names = NamesOf(model);
        return (Allow.Count == 0 || Allow.Any(glob => names.Any(glob.Matches)))
            && !Deny.Any(glob => names.Any(name => glob.Matches(name) || Lower(glob).Matches(name.ToLowerInvariant())));
    }

    private static string[] NamesOf(ModelReference model) => model is HubReference hub
        ? [$"hf://{hub.Id}", $"hf://{hub.Id}@{hub.RevisionOrDefault}"]
        : [model.ToString()];

    private static Glob Lower(Glob glob) => new(glob.Text.ToLowerInvariant());
}
