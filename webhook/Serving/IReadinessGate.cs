namespace Stevedore.Webhook.Serving;

/// <summary>Something that must be there before a replica asks for requests. Once open it stays open.</summary>
internal interface IReadinessGate
{
    /// <summary>What is missing, as <c>/readyz</c> says it; null when nothing is.</summary>
    string? Hindrance { get; }

    /// <summary>Done when nothing is missing any more.</summary>
    Task Opened { get; }
}
