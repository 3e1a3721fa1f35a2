namespace Stevedore.Webhook.Policies.Reading;

/// <summary>One thing that is wrong with a policy.</summary>
/// <param name="Path">Where, as <c>kubectl explain</c> writes it: <c>spec.volume.persistentVolumeClaim.claimName</c>.</param>
/// <param name="Sentence">What, and how to mend it; reads on from the path.</param>
internal sealed record PolicyProblem(string Path, string Sentence)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Sentence}";
}

/// <summary>What is wrong with a policy, collected while reading goes on.</summary>
internal sealed class PolicyProblems
{
    private readonly List<PolicyProblem> _all = [];

    /// <summary>In the order in which they were found.</summary>
    public IReadOnlyList<PolicyProblem> All => _all;

    /// <summary>
    /// Every field that is looked for, with the values that it may have where they are enumerated; null where nobody wants to know. The CRD's
    /// schema is held against it.
    /// </summary>
    public IDictionary<string, IReadOnlyList<string>>? Catalogue { get; init; }

    /// <summary>Adds one.</summary>
    public void Add(string path, string sentence) => _all.Add(new PolicyProblem(path, sentence));

    /// <summary>Whether everything at these paths and below them is right so far: only then can it be compared with something else.</summary>
    public bool NoneAt(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (_all.Exists(problem => problem.Path.StartsWith(path, StringComparison.Ordinal) && (problem.Path.Length == path.Length || problem.Path[path.Length] is '.' or '[')))
                return false;
        }

        return true;
    }
}
