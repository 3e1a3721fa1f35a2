namespace Stevedore.Webhook.Injection;

/// <summary>What the operator of the webhook chose at its start.</summary>
/// <param name="FetcherImage">The image of the injected container, <c>stevedore/fetcher:VERSION</c> by default.</param>
internal sealed record InjectionSettings(string FetcherImage);
