namespace Stevedore.Bench.Peers.Programs;

/// <summary>
/// rclone lists the folder or the bucket itself. Large files go in four at once with four streams each, small ones 32 at once; nothing is compared
/// with the target, which is empty.
/// </summary>
internal sealed class Rclone : IContestant
{
    private static readonly string[] Large = ["--transfers", "4", "--multi-thread-streams", "4", "--multi-thread-cutoff", "64M"];
    private static readonly string[] Small = ["--transfers", "32", "--checkers", "32"];

    public string Name => "rclone";

    public bool Verifies => false;

    public string? Path => OnThePath.Find(Name);

    public Invocation? For(Errand errand)
    {
        string[] from = errand.Source == Source.S3
            ?
            [
                $":s3:{NginxConfiguration.Bucket}/{errand.Set.Set.Name}/", "--s3-provider", "Other", "--s3-endpoint", errand.Server.S3Endpoint,
                "--s3-no-check-bucket", "--s3-list-version", "2", "--use-server-modtime",
            ]
            : [$":http:{NginxConfiguration.AsPage}/{errand.Set.Set.Name}/", "--http-url", errand.Server.Site(errand.Source)];
        return Invocation.Of(
        [
            "copy", "--config", "/dev/null", "--quiet", "--ca-cert", errand.Server.Authority, "--no-check-dest", "--ignore-checksum",
            .. errand.IsOfLargeFiles ? Large : Small, .. from, errand.Target,
        ]);
    }
}
