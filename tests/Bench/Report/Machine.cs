using System.Runtime.InteropServices;
using Stevedore.Programs;

namespace Stevedore.Bench.Report;

/// <summary>Where figures were measured: another machine, or this one under load, gives others.</summary>
/// <param name="Processors">How many there are.</param>
/// <param name="MemoryMiB">Memory.</param>
/// <param name="Load">How many processes wanted a processor, on average over the minute before the run.</param>
/// <param name="System">Kernel.</param>
/// <param name="Fetcher"><c>NativeAOT</c> or <c>JIT</c>.</param>
internal sealed record Machine(int Processors, long MemoryMiB, double Load, string System, string Fetcher)
{
    /// <summary>This one, now.</summary>
    public static Machine Of(Checkout checkout) => new(
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0]),
        RuntimeInformation.OSDescription,
        checkout.FetcherIsNative ? "NativeAOT" : "JIT");

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Processors} processors under a load of {Load:0.0} before the run{(Load > Processors ? " (busy: look at medians and ratios)" : "")}, {Fetcher} fetcher";
}
