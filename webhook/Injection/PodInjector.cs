using Stevedore.Contract;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>The admission flow: pod and policy in, decision, plan and patch out. Pure: no clock, no network, no files.</summary>
/// <param name="settings">What the operator of the webhook chose.</param>
/// <param name="server">Which Kubernetes will run the pods.</param>
internal sealed class PodInjector(InjectionSettings settings, IServerVersion server)
{
    /// <summary>Decides on one pod under the policies of this moment.</summary>
    public PodAnswer Answer(PodRequest request, PolicySet policies)
    {
        var notes = new AdmissionNotes();
        return Decide(request, policies, notes) switch
        {
            InjectionDecision.Skip skip => Skipped(skip.Reason.ToString(), skip.Sentence, skip.IsWorthAWarning),
            // The detected door never denies: whoever labelled the namespace did not ask for this pod.
            InjectionDecision.Deny deny when request.Door == Door.Detected =>
                Skipped(deny.Reason.ToString(), deny.Sentence, isWorthAWarning: true),
            InjectionDecision.Deny deny => Answered(PodOutcome.Denied, deny.Reason.ToString(), Message(deny.Sentence), PodPatch.Empty),
            InjectionDecision.Inject inject => Answered(PodOutcome.Injected, "None", null, PodPatch.Write(inject)),
            var unknown => throw new InvalidOperationException($"No answer is known to the decision {unknown}."),
        };

        PodAnswer Skipped(string reason, string sentence, bool isWorthAWarning)
        {
            if (isWorthAWarning)
                notes.Warnings.Add(sentence);
            return Answered(PodOutcome.Skipped, reason, Message(sentence), PodPatch.Empty);
        }

        PodAnswer Answered(PodOutcome outcome, string reason, string? message, ReadOnlyMemory<byte> patch) =>
            new(outcome, reason, message, notes.Warnings.All, patch) { Policy = notes.Policy, Strategy = notes.Strategy };
    }

    // Sentences quote references and names, and a pod's author chooses how long those are.
    private static string Message(string sentence) => Sentence.Tidy(sentence, longest: 2000);

    private InjectionDecision Decide(PodRequest request, PolicySet policies, AdmissionNotes notes)
    {
        // Whether anybody asks, and anybody forbids.
        var warnings = notes.Warnings;
        var header = PodHeader.Read(request.Pod);
        if (!header.IsValid)
            return new InjectionDecision.Deny(DenyReason.MalformedPod, header.Error);
        if (Admittance.SkipFor(request, header.Value) is { } skip)
            return skip;
        var whole = PodReader.Read(request.Pod);
        if (!whole.IsValid)
            return new InjectionDecision.Deny(DenyReason.MalformedPod, whole.Error);

        // What is asked for, and which containers read it. A detected pod without vLLM is left alone before anything is said about it.
        var ruled = PolicyChoice.For(request, header.Value, policies);
        var policy = ruled.Value ?? InjectionPolicy.BuiltIn;
        var asked = PodWishesReader.Read(header.Value, request.NamespaceLabels, policy, warnings);
        (notes.Policy, notes.Strategy) = (ruled.Value?.Name, asked.Value?.Strategy);
        var existing = ExistingInjection.TakeOff(whole.Value, asked.Value?.Strategy ?? policy.Strategy, policy);
        var pod = existing.Pod;
        var chosen = WorkloadChoice.Choose(pod, asked.Value?.Containers ?? [], request.Door);
        if (chosen.Stop is InjectionDecision.Skip noVllm)
            return noVllm;
        if (ruled.Stop is { } noPolicy)
            return noPolicy;
        if (!asked.Continues(out var wishes, out var wrongWish))
            return wrongWish;
        if (!chosen.Continues(out var workloads, out var wrongChoice))
            return wrongChoice;
        if (existing.UseOfItsName() is { } reserved)
            return reserved;

        // The API server refuses such a pod too, but only behind us, and what was injected is found again by its container's name.
        if (pod.SharedName is { } shared)
            return new InjectionDecision.Deny(DenyReason.MalformedPod, $"The pod can't be read: two containers are called {Quoted.Text(shared)}.");
        if (request.Door == Door.Detected)
        {
            workloads = [.. workloads.Where(workload => !ExistingCache.IsPersistent(pod, workload))];
            if (workloads.Count == 0)
                return new InjectionDecision.Skip(SkipReason.AlreadyCached, AlreadyCached, IsWorthAWarning: true);
        }

        // Which models, and what the pod gets for them.
        if (!ModelMatching.Match(wishes.Models, workloads, warnings).Continues(out var models, out var noModels))
            return noModels;
        var planning = new PlanRequest(pod, request.Namespace, policy, wishes, workloads, models, settings.FetcherImage, server.Current, warnings);
        if (!InjectionPlanner.Plan(planning).Continues(out var plan, out var noPlan))
            return noPlan;
        if (existing.DifferenceFrom(plan.Strategy) is { } altered)
            return altered;
        return new InjectionDecision.Inject(plan, existing, header.Value.Annotations);
    }

    private const string AlreadyCached =
        "Nothing was injected: its Hugging Face cache is on a volume already; to inject, annotate stevedore.dev/model.";
}
