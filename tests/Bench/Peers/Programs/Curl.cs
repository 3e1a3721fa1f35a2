namespace Stevedore.Bench.Peers.Programs;

/// <summary>
/// curl is given every address: it never asks for a list. <c>--parallel</c> is a transfer a file in one thread; 32 at once beat 8 on small files
/// by a tenth, and for four large ones it makes no difference.
/// </summary>
internal sealed class Curl : IContestant
{
    public string Name => "curl";

    public bool Verifies => false;

    public string? Path => OnThePath.Find(Name);

    public Invocation? For(Errand errand)
    {
        if (errand.Source == Source.S3)
            return null;
        var list = System.IO.Path.Combine(errand.Desk, "curl");
        File.WriteAllLines(list, errand.Set.Names.SelectMany(name => new[] { $"url = {errand.Address(name)}", $"output = {errand.Target}/{name}" }));
        return Invocation.Of("--silent", "--show-error", "--fail", "--parallel", "--parallel-max", "32", "--cacert", errand.Server.Authority, "--config", list);
    }
}
