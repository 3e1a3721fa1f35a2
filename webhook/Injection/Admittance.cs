using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>The first question: whether anybody asks for this pod at this door, and whether anybody forbids it.</summary>
internal static class Admittance
{
    private const string InjectLabel = PodHeader.Prefix + "inject";

    /// <summary>The reason to leave the pod alone; null to go on.</summary>
    public static InjectionDecision.Skip? SkipFor(PodRequest request, PodHeader pod)
    {
        request.NamespaceLabels.TryGetValue(InjectLabel, out var label);
        var isEnabled = Says(label, "enabled");
        // A real namespace always carries kubernetes.io/metadata.name. Where no label is known at all, the selector of the webhook configuration
        // has decided.
        var isOpen = isEnabled || request.NamespaceLabels.Count == 0;

        return pod switch
        {
            { IsMirror: true } => Skip(SkipReason.MirrorPod, "a mirror pod can't be changed; annotate nothing in static pods"),
            { IsWindows: true } => Skip(SkipReason.WindowsPod, "the pod runs on Windows, and the fetcher only on Linux"),
            { OptsOut: true } => Skip(SkipReason.OptedOut, "the pod says stevedore.dev/inject: \"false\""),
            _ when Says(label, "disabled") => Skip(
                SkipReason.NamespaceDisabled, $"namespace {request.Namespace} is labelled {InjectLabel}: disabled"),
            { Asks: false } when request.Door == Door.Explicit => Skip(
                SkipReason.NotRequested, "neither the annotation stevedore.dev/model nor the label asks for it"),
            { Asks: true } when request.Door == Door.Detected => new InjectionDecision.Skip(
                SkipReason.AsksItself, "the pod asks by itself, so the explicit door decides", IsWorthAWarning: false),
            _ when request.Door == Door.Detected && !isOpen => Skip(
                SkipReason.NotRequested, $"namespace {request.Namespace} is not labelled {InjectLabel}: enabled"),
            _ => null,
        };

        InjectionDecision.Skip Skip(SkipReason reason, string why) => new(reason, $"Nothing was injected: {why}.", pod.Asks);
    }

    private static bool Says(string? label, string word) => string.Equals(label, word, StringComparison.OrdinalIgnoreCase);
}
