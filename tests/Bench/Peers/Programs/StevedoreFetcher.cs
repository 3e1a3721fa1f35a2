using Stevedore.Programs;

namespace Stevedore.Bench.Peers.Programs;

/// <summary>The published fetcher as a pod calls it: it lists, fetches, verifies, publishes, and fills a cache that others may share.</summary>
/// <param name="checkout">Where it lies.</param>
internal sealed class StevedoreFetcher(Checkout checkout) : IContestant
{
    public const string Label = "stevedore";

    public string Name => Label;

    public bool Verifies => true;

    public string? Path => checkout.Fetcher;

    public Invocation? For(Errand errand)
    {
        string[] from = errand.Source switch
        {
            Source.S3 => [$"s3://{NginxConfiguration.Bucket}/{errand.Set.Set.Name}/", "--s3-endpoint", errand.Server.S3Endpoint],
            Source.Https => [errand.Address(""), "--ca-bundle", errand.Server.Authority],
            _ => [errand.Address("")],
        };
        return new Invocation(
            ["fetch", .. from, "--cache", errand.Target, "--progress", "none"],
            new Dictionary<string, string> { ["AWS_REGION"] = "us-east-1", ["AWS_EC2_METADATA_DISABLED"] = "true" });
    }
}
