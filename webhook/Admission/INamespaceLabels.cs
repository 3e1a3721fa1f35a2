namespace Stevedore.Webhook.Admission;

/// <summary>The labels of namespaces, which a review does not carry.</summary>
internal interface INamespaceLabels
{
    /// <summary>The labels; empty where they are not known at all.</summary>
    ValueTask<IReadOnlyDictionary<string, string>> OfAsync(string name, CancellationToken cancellation);
}

/// <summary>
/// Without a cluster to watch, a namespace's labels are not known. Neither door needs them: at the explicit one the pod itself asks, and at the
/// detected one the webhook configuration's namespaceSelector has already let labelled namespaces through alone.
/// </summary>
internal sealed class UnknownNamespaces : INamespaceLabels
{
    private static readonly Dictionary<string, string> None = [];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, string>> OfAsync(string name, CancellationToken cancellation) => new(None);
}
