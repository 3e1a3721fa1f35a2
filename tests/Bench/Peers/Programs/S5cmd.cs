namespace Stevedore.Bench.Peers.Programs;

/// <summary>s5cmd speaks S3 alone. Its 256 workers fit small files as they are; of a large one eight parts go at once instead of five.</summary>
internal sealed class S5cmd : IContestant
{
    public string Name => "s5cmd";

    public bool Verifies => false;

    public string? Path => OnThePath.Find(Name);

    public Invocation? For(Errand errand) => errand.Source != Source.S3 ? null : Invocation.Of(
        "--no-sign-request", "--endpoint-url", errand.Server.S3Endpoint, "--log", "error",
        "cp", "--concurrency", "8", $"s3://{NginxConfiguration.Bucket}/{errand.Set.Set.Name}/*", errand.Target + "/");
}
