using System.Text.Json.Serialization;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>The content of a heartbeat file.</summary>
/// <param name="Id">The fetcher's own name, made at its start.</param>
/// <param name="Host">The pod's or machine's name, for people.</param>
/// <param name="BootId">See <see cref="Machine.BootId"/>.</param>
/// <param name="PidNamespace">See <see cref="Machine.PidNamespace"/>.</param>
/// <param name="Pid">Means something only where boot and namespace are the same.</param>
/// <param name="ProcessStart">See <see cref="Machine.StartOf"/>.</param>
/// <param name="Beat">Counts up; a waiter watches it change.</param>
/// <param name="TtlSeconds">After what silence it counts itself as dead; nobody may think so earlier.</param>
/// <param name="IsLocked">Whether the fetcher holds a lock on this file that the kernel was seen to refuse to anybody else.</param>
internal sealed record OwnerRecord(
    string Id, string Host, string BootId, string PidNamespace, int Pid, string ProcessStart, long Beat, double TtlSeconds = 0, bool IsLocked = false)
{
    /// <summary>Who it is, for a person.</summary>
    [JsonIgnore]
    public string Description => $"fetcher {Id} on {Host}";

    /// <summary>Whether it ran, or runs, on the kernel that this process runs on.</summary>
    [JsonIgnore]
    public bool IsOfThisBoot => BootId.Length > 0 && BootId == Machine.BootId;

    /// <summary>Whether its process id means to this process what it meant to itself.</summary>
    [JsonIgnore]
    public bool IsOfThisNamespace => IsOfThisBoot && PidNamespace.Length > 0 && PidNamespace == Machine.PidNamespace && ProcessStart.Length > 0;

    /// <summary>Reads a heartbeat file; null where it is absent or half written.</summary>
    public static OwnerRecord? TryRead(string path) => PlainFile.TryRead(path, OwnerRecordJson.Default.OwnerRecord);
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(OwnerRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class OwnerRecordJson : JsonSerializerContext;
