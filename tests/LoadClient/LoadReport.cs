using System.Text.Json;

namespace Stevedore.LoadClient;

/// <summary>What a run showed.</summary>
internal sealed class LoadReport(LoadSettings settings, TimeSpan took, TimeSpan[] latencies, TimeSpan[] late, Failure[] failures, int certificates)
{
    /// <summary>How many reviews did not get their answer.</summary>
    public int Failed => failures.Count(f => f != Failure.None);

    /// <summary>A table for people and, last, a line of JSON for scripts. Milliseconds.</summary>
    public void Print(TextWriter output)
    {
        Array.Sort(latencies);
        Array.Sort(late);
        var (p50, p90, p99, max) = (At(latencies, 0.5), At(latencies, 0.9), At(latencies, 0.99), At(latencies, 1));
        var done = failures.Length / took.TotalSeconds;
        output.WriteLine($"reviews    {failures.Length,10} over {settings.Connections} connections in {took.TotalSeconds:0.0} s");
        output.WriteLine($"rate       {settings.Rate,10} /s asked, {done:0} /s done");
        output.WriteLine($"failures   {Failed,10}{string.Concat(Kinds().Select(k => $"  {k.Kind}: {k.Count}"))}");
        output.WriteLine("latency           p50      p90      p99      max   (ms, from when each was due)");
        output.WriteLine($"           {p50,10:0.00} {p90,8:0.00} {p99,8:0.00} {max,8:0.00}");
        output.WriteLine($"sent late  {At(late, 0.5),10:0.00} {At(late, 0.9),8:0.00} {At(late, 0.99),8:0.00} {At(late, 1),8:0.00}   (ms, of it the client's own doing)");
        output.WriteLine(JsonSerializer.Serialize(new
        {
            reviews = failures.Length,
            rate = settings.Rate,
            done = Math.Round(done, 1),
            connections = settings.Connections,
            seconds = Math.Round(took.TotalSeconds, 3),
            failures = Failed,
            certificates,
            milliseconds = new { p50 = Math.Round(p50, 3), p90 = Math.Round(p90, 3), p99 = Math.Round(p99, 3), max = Math.Round(max, 3) },
        }));
    }

    private IEnumerable<(Failure Kind, int Count)> Kinds() =>
        failures.Where(f => f != Failure.None).GroupBy(f => f).Select(group => (group.Key, group.Count()));

    private static double At(TimeSpan[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1].TotalMilliseconds;
}
