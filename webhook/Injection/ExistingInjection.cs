using System.Buffers;
using System.Text.Json;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// An injection that the pod has been through already: by an earlier call for the same pod, since webhooks are called again when others have
/// changed it, or because somebody copied an injected pod. What we add is taken off before anything is decided, so that the second decision
/// is the first one again; what is there must then equal what would be added.
/// </summary>
/// <param name="Pod">The pod without our container, mounts and variables.</param>
/// <param name="Whole">The pod as it is.</param>
/// <param name="Fetcher">Our init container; null where the pod was not injected.</param>
internal sealed record ExistingInjection(Pod Pod, Pod Whole, Container? Fetcher)
{
    /// <summary>Takes an injection off.</summary>
    public static ExistingInjection TakeOff(Pod pod)
    {
        var fetcher = pod.InitContainers.FirstOrDefault(container => container.Name == InjectionPlan.FetcherName);
        if (fetcher is null)
            return new ExistingInjection(pod, pod, null);
        var without = pod with
        {
            Containers = [.. pod.Containers.Select(WithoutOurs)],
            InitContainers = [.. pod.InitContainers.Where(container => container != fetcher)],
        };
        return new ExistingInjection(without, pod, fetcher);
    }

    /// <summary>
    /// The refusal where names of ours are used by somebody else; null where they are not. Asked before anything else is planned.
    /// </summary>
    public InjectionDecision.Deny? UseOfOurNames()
    {
        if (Whole.Containers.Any(container => container.Name == InjectionPlan.FetcherName)
            || Whole.InitContainers.Count(container => container.Name == InjectionPlan.FetcherName) > 1)
        {
            return Reserved($"a container named {InjectionPlan.FetcherName}");
        }

        if (Fetcher is not null)
            return null;
        if (Whole.Volumes.FirstOrDefault(volume => IsOurs(volume.Name)) is { } volume)
            return Reserved($"the volume {volume.Name}");
        return Whole.AllContainers.SelectMany(container => container.Mounts).FirstOrDefault(mount => IsOurs(mount.Volume)) is { } mount
            ? Reserved($"a mount of {mount.Volume}")
            : null;
    }

    /// <summary>The refusal where what is there differs from what would be added; null where it does not, or nothing is there.</summary>
    public InjectionDecision.Deny? DifferenceFrom(InjectionPlan plan)
    {
        if (Fetcher is null)
            return null;
        if (Difference(Fetcher, plan.Fetcher) is { } what)
        {
            return new InjectionDecision.Deny(
                DenyReason.FetcherAltered,
                $"The pod has an init container {InjectionPlan.FetcherName} with {what} than it would be given; "
                + "remove that container and the stevedore- volumes and mounts, and it is given anew.");
        }

        foreach (var volume in Whole.Volumes.Where(volume => IsOurs(volume.Name)))
        {
            if (plan.Volumes.FirstOrDefault(planned => planned.Name == volume.Name) is not { } planned || !IsAsPlanned(volume, planned))
                return Reserved($"the volume {volume.Name}");
        }

        var workloads = plan.Workloads.ToLookup(workload => workload.Container.Name, workload => workload.Mounts);
        foreach (var container in Whole.AllContainers)
        {
            var planned = container == Fetcher ? plan.Fetcher.Mounts : workloads[container.Name].FirstOrDefault([]);
            if (container.Mounts.FirstOrDefault(mount => IsOurs(mount.Volume) && !planned.Contains(mount)) is { } mount)
                return Reserved($"a mount of {mount.Volume} at {mount.Path} in container \"{container.Name}\"");
        }

        return null;
    }

    private static string? Difference(Container fetcher, FetchContainer planned) =>
        fetcher.Image != planned.Image ? "another image"
        : fetcher.Command.Count > 0 ? "a command of its own rather"
        : !fetcher.Args.SequenceEqual(planned.Arguments) ? "other arguments"
        : fetcher.IsNativeSidecar ? "another restart policy"
        : !IsSame(fetcher.Security, planned.Security) ? "another security context"
        : null;

    private static bool IsSame(SecurityContext there, FetcherSecurity planned)
    {
        if (there.Json is not { } json)
            return false;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
            planned.Write(writer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return JsonElement.DeepEquals(json, document.RootElement);
    }

    private static bool IsAsPlanned(Volume volume, PlannedVolume planned)
    {
        if (volume.Source != "emptyDir" || volume.Json.EnumerateObject().Count() != 2)
            return false;
        var source = JsonShape.Object(volume.Json, "emptyDir");
        if (source.EnumerateObject().Any(property => !property.NameEquals("sizeLimit")))
            return false;
        // The API server may write the same size in another way.
        var limit = JsonShape.Text(source, "sizeLimit");
        return limit is null ? planned.SizeLimit is null : ByteSize.Parse(limit) is { IsValid: true } size && size.Value == planned.SizeLimit;
    }

    private static Container WithoutOurs(Container container)
    {
        // Where a name stands twice, we have not added it: it was not absent.
        var once = container.Env.GroupBy(variable => variable.Name).Where(same => same.Count() == 1).Select(same => same.Key).ToHashSet();
        return container with
        {
            Env = [.. container.Env.Where(variable => !WorkloadAdditionsPlan.IsOurs(variable) || !once.Contains(variable.Name))],
            Mounts = [.. container.Mounts.Where(mount => !IsOurs(mount.Volume))],
        };
    }

    private static bool IsOurs(string name) => name.StartsWith(InjectionPlan.NamePrefix, StringComparison.Ordinal);

    private static InjectionDecision.Deny Reserved(string what) => new(
        DenyReason.ReservedName,
        $"The pod brings {what} by itself, and names that begin with {InjectionPlan.NamePrefix} belong to what is injected; use another name.");
}
