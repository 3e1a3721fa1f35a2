namespace Stevedore.Contract.References;

/// <summary>Where a model comes from, for example <c>hf://Qwen/Qwen3-8B@main</c>. Parsed once at the edge; equal references format alike.</summary>
public abstract record ModelReference
{
    private protected ModelReference()
    {
    }

    /// <summary>The scheme without <c>://</c>, as a person writes it.</summary>
    public abstract string Scheme { get; }

    /// <summary>The canonical text; parsing it gives an equal reference.</summary>
    public abstract override string ToString();

    /// <summary>Reads one reference. A bare <c>OWNER/NAME</c> means <c>hf://OWNER/NAME</c>.</summary>
    /// <param name="text">What a person wrote; white space around it is ignored.</param>
    /// <returns>The reference, or one sentence that says what is wrong with it.</returns>
    public static Parsed<ModelReference> Parse(string text) => ReferenceParser.Parse(text);

    /// <summary>Reads several references separated by commas or newlines; the order is kept and repetitions are dropped.</summary>
    /// <returns>At least one reference, or the sentence about the first one that is wrong.</returns>
    public static Parsed<IReadOnlyList<ModelReference>> ParseList(string text)
    {
        var references = new List<ModelReference>();
        foreach (var part in text.Split([',', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parsed = Parse(part);
            if (!parsed.IsValid)
                return Parsed<IReadOnlyList<ModelReference>>.Wrong(parsed.Error);
            if (!references.Contains(parsed.Value))
                references.Add(parsed.Value);
        }

        return references.Count > 0
            ? references
            : Parsed<IReadOnlyList<ModelReference>>.Wrong("No model is named; write one such as hf://Qwen/Qwen3-8B.");
    }
}

/// <summary>A repository of the Hugging Face Hub, or of a server that speaks its API.</summary>
/// <param name="Owner">The organisation or user; null for the few models without one, such as <c>gpt2</c>.</param>
/// <param name="Name">The repository's name.</param>
/// <param name="Revision">Branch, tag or commit as it was written; null when none was.</param>
public sealed record HubReference(string? Owner, string Name, string? Revision) : ModelReference
{
    /// <summary>The branch that a reference without a revision means.</summary>
    public const string DefaultRevision = "main";

    /// <inheritdoc/>
    public override string Scheme => "hf";

    /// <summary><c>OWNER/NAME</c>, as vLLM and the Hub write it.</summary>
    public string Id => Owner is null ? Name : $"{Owner}/{Name}";

    /// <summary>What was written, else <see cref="DefaultRevision"/>.</summary>
    public string RevisionOrDefault => Revision ?? DefaultRevision;

    /// <inheritdoc/>
    public override string ToString() => Revision is null ? $"hf://{Id}" : $"hf://{Id}@{Revision}";
}

/// <summary>A prefix of an S3-compatible bucket.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Prefix">Ends with <c>/</c>; empty for the whole bucket.</param>
public sealed record S3Reference(string Bucket, string Prefix) : ModelReference
{
    /// <inheritdoc/>
    public override string Scheme => "s3";

    /// <inheritdoc/>
    public override string ToString() => $"s3://{Bucket}/{Prefix}";
}

/// <summary>A directory (its path ends with <c>/</c>) or a single file on a web server.</summary>
/// <param name="Address">Absolute; without userinfo, query and fragment.</param>
public sealed record HttpReference(Uri Address) : ModelReference
{
    /// <inheritdoc/>
    public override string Scheme => Address.Scheme;

    /// <summary>Whether the address names a directory.</summary>
    public bool IsDirectory => Address.AbsolutePath.EndsWith('/');

    /// <inheritdoc/>
    public override string ToString() => Address.AbsoluteUri;
}

/// <summary>A directory that is mounted where the fetcher runs.</summary>
/// <param name="Path">Absolute, normalised, ends with <c>/</c>.</param>
public sealed record FileReference(string Path) : ModelReference
{
    /// <inheritdoc/>
    public override string Scheme => "file";

    /// <inheritdoc/>
    public override string ToString() => $"file://{Path}";
}

/// <summary>A folder of a PersistentVolumeClaim that already holds the model: mounted, never fetched.</summary>
/// <param name="Claim">The claim's name in the pod's namespace.</param>
/// <param name="Path">Relative to the claim's root; empty for the root.</param>
public sealed record ClaimReference(string Claim, string Path) : ModelReference
{
    /// <inheritdoc/>
    public override string Scheme => "pvc";

    /// <inheritdoc/>
    public override string ToString() => $"pvc://{Claim}/{Path}";
}

/// <summary>A container image that holds the model: mounted as an image volume, never fetched.</summary>
/// <param name="Image">Registry, repository and tag or digest, as a kubelet takes it.</param>
public sealed record ImageReference(string Image) : ModelReference
{
    /// <inheritdoc/>
    public override string Scheme => "oci";

    /// <inheritdoc/>
    public override string ToString() => $"oci://{Image}";
}
