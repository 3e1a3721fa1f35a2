using System.Text.Json;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>What the fetcher asks for; null where it asks for nothing.</summary>
/// <param name="Cpu">CPUs requested.</param>
/// <param name="Memory">Bytes requested.</param>
/// <param name="EphemeralStorage">Bytes of the node's disk requested.</param>
/// <param name="CpuLimit">CPUs at most.</param>
/// <param name="MemoryLimit">Bytes at most.</param>
internal sealed record FetcherResources(decimal? Cpu, decimal? Memory, ByteSize? EphemeralStorage, decimal? CpuLimit, decimal? MemoryLimit)
{
    private const decimal MostCpus = 4;
    private const decimal MostMemory = 1L << 30;
    private const decimal LeastMemoryLimit = 512L << 20;

    /// <summary>
    /// Up to 4 CPUs and 1 GiB, but never so much that the pod as a whole would ask for more than it does without us; nothing where it asks
    /// for nothing. Limits equal the requests where the pod is Guaranteed, so that it stays so; else there is room in memory and no limit on
    /// CPUs, unless a LimitRange would write one into it that may be below the request.
    /// </summary>
    /// <param name="request">What is known; a policy that says the resources outright is obeyed.</param>
    /// <param name="storage">Bytes of the node's disk that the cache will take.</param>
    public static FetcherResources For(PlanRequest request, ByteSize? storage)
    {
        var (pod, wishes) = (request.Pod, request.Wishes);
        if (request.Policy.Fetcher.Resources is { } fixedByPolicy)
        {
            if (wishes.FetcherCpu is not null || wishes.FetcherMemory is not null)
                request.Warnings.Add("the policy says what the fetcher gets: fetcher-cpu and fetcher-memory had no effect");
            return new FetcherResources(null, null, null, null, null) { Verbatim = fixedByPolicy };
        }

        var room = PodDemand.RoomAt(pod, MeshProxy.CountBehindWhich(pod.InitContainers));
        var cpu = wishes.FetcherCpu ?? AtMost(MostCpus, room.Cpu);
        var memory = wishes.FetcherMemory ?? AtMost(MostMemory, room.Memory);
        if (PodDemand.IsGuaranteed(pod))
            return new FetcherResources(cpu, memory, storage, cpu, memory);

        var limit = memory is { } requested ? Math.Max(requested, LeastMemoryLimit) : (decimal?)null;
        // A container's limit above the pod's own is refused by the API server.
        if (limit > pod.Resources?.Limits.Memory)
            limit = Math.Max(memory!.Value, pod.Resources.Limits.Memory.Value);
        return new FetcherResources(cpu, memory, storage, pod.HasLimitRange ? LargestCpuLimit(request, cpu) : null, limit);
    }

    /// <summary>As much as the container that is served may take.</summary>
    private static decimal? LargestCpuLimit(PlanRequest request, decimal? cpu) =>
        request.Workloads.Max(workload => workload.Container.Resources.Limits.Cpu) is { } largest ? Math.Max(largest, cpu ?? 0) : null;

    /// <summary>The whole, as a policy has it; null where the rest counts.</summary>
    public JsonElement? Verbatim { get; init; }

    /// <summary>Whether there is anything to write.</summary>
    public bool IsEmpty => Verbatim is null && Cpu is null && Memory is null && EphemeralStorage is null;

    /// <summary>Writes the container's <c>resources</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (Verbatim is { } verbatim)
        {
            verbatim.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteStartObject("requests");
        WriteAmounts(writer, Cpu, Memory);
        if (EphemeralStorage is { } storage)
            writer.WriteString("ephemeral-storage", storage.ToString());
        writer.WriteEndObject();
        if (CpuLimit is not null || MemoryLimit is not null)
        {
            writer.WriteStartObject("limits");
            WriteAmounts(writer, CpuLimit, MemoryLimit);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteAmounts(Utf8JsonWriter writer, decimal? cpu, decimal? memory)
    {
        if (cpu is { } cpus)
            writer.WriteString("cpu", Quantity.FormatCpu(cpus));
        if (memory is { } bytes)
            writer.WriteString("memory", new ByteSize((long)decimal.Floor(Math.Min(bytes, long.MaxValue))).ToString());
    }

    /// <summary>Rounded down to what is written: thousandths of a CPU or whole bytes are the smallest units that Kubernetes keeps.</summary>
    private static decimal? AtMost(decimal most, decimal? room) =>
        room is { } there && Math.Min(most, there) is >= 0.001m and var amount ? amount : null;
}
