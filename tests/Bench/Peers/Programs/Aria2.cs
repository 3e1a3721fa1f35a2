namespace Stevedore.Bench.Peers.Programs;

/// <summary>
/// aria2 is given every address as well. 16 connections a file is the most that it takes; nothing is allocated before, since the clock runs then
/// too, and the disk cache gathers small writes.
/// </summary>
internal sealed class Aria2 : IContestant
{
    public string Name => "aria2c";

    public bool Verifies => false;

    public string? Path => OnThePath.Find(Name);

    public Invocation? For(Errand errand)
    {
        if (errand.Source == Source.S3)
            return null;
        var list = System.IO.Path.Combine(errand.Desk, "aria2c");
        File.WriteAllLines(list, errand.Set.Names.SelectMany(name => new[] { errand.Address(name), $"  out={name}" }));
        return Invocation.Of(
        [
            "--quiet", "--no-conf", "--input-file", list, "--dir", errand.Target, "--ca-certificate", errand.Server.Authority, "--file-allocation=none", "--disk-cache=64M",
            "--max-concurrent-downloads=16", "--max-connection-per-server=16", "--split=16", "--min-split-size=16M",
        ]);
    }
}
