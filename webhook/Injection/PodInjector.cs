namespace Stevedore.Webhook.Injection;

/// <summary>The admission flow: pod and policy in, decision, plan and patch out. Pure: no clock, no network, no files.</summary>
internal sealed class PodInjector(InjectionSettings settings)
{
    /// <summary>Decides on one pod.</summary>
    public PodAnswer Answer(PodRequest request)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new PodAnswer(PodOutcome.Skipped, "NotRequested", $"Nothing asks for a model in {request.Namespace}.", [], default);
    }
}
