namespace Stevedore.Bench.Peers.Programs;

/// <summary>
/// The AWS command line, anonymous. More than its ten requests at once, and parts of 64 MiB instead of 8; version 2 moves bytes with the CRT where
/// <c>preferred_transfer_client</c> says so, and version 1 does not know the word.
/// </summary>
internal sealed class Aws : IContestant
{
    private const string Settings =
        """
        [default]
        region = us-east-1
        s3 =
            preferred_transfer_client = crt
            max_concurrent_requests = 32
            multipart_threshold = 64MB
            multipart_chunksize = 64MB
        """;

    public string Name => "aws";

    public bool Verifies => false;

    public string? Path => OnThePath.Find(Name);

    public Invocation? For(Errand errand)
    {
        if (errand.Source != Source.S3)
            return null;
        var settings = System.IO.Path.Combine(errand.Desk, "aws");
        File.WriteAllText(settings, Settings);
        return new Invocation(
            [
                "s3", "cp", "--recursive", "--only-show-errors", "--no-sign-request", "--endpoint-url", errand.Server.S3Endpoint,
                $"s3://{NginxConfiguration.Bucket}/{errand.Set.Set.Name}/", errand.Target + "/",
            ],
            new Dictionary<string, string> { ["AWS_CONFIG_FILE"] = settings, ["AWS_EC2_METADATA_DISABLED"] = "true" });
    }
}
