using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Stevedore.Programs;

namespace Stevedore.Smoke.Tests.Support;

/// <summary>s3rver, a store of other people's make, with the bucket <c>models</c>; a test that needs one is skipped where it is not installed.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "models";
    private const string Key = "S3RVER";
    private const string Program = "node_modules/s3rver/bin/s3rver.js";
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(2);

    private readonly ChildProgram _program;
    private readonly DirectoryInfo _folder;

    private S3Server(ChildProgram program, DirectoryInfo folder, Uri endpoint)
    {
        (_program, _folder, Endpoint) = (program, folder, endpoint);
        Client = new AmazonS3Client(new BasicAWSCredentials(Key, Key), new AmazonS3Config
        {
            ServiceURL = endpoint.AbsoluteUri,
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public Uri Endpoint { get; }

    /// <summary>Somebody else's client, for what a test puts there.</summary>
    public AmazonS3Client Client { get; }

    /// <summary>What a pod with credentials has.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["AWS_ACCESS_KEY_ID"] = Key,
        ["AWS_SECRET_ACCESS_KEY"] = Key,
        ["AWS_ENDPOINT_URL_S3"] = Endpoint.OriginalString,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    };

    public static async Task<S3Server> OpenAsync()
    {
        var (node, program) = (FindNode(), FindProgram());
        Assert.SkipWhen(node is null || program is null, "skipped: no S3 server (make test-s3 installs one where Node is)");
        var folder = Directory.CreateTempSubdirectory("stevedore-s3-");
        const string Sign = "S3rver listening on ";
        var (running, address) = await ChildProgram.StartAsync(
            node!,
            // Its continuation tokens are enciphered with DES, which OpenSSL calls legacy.
            ["--openssl-legacy-provider", program!, "--directory", folder.FullName, "--address", "127.0.0.1", "--port", "0", "--silent", "--configure-bucket", Bucket],
            line => line.StartsWith(Sign, StringComparison.Ordinal) ? line[Sign.Length..].Trim() : null,
            Start,
            TestContext.Current.CancellationToken);
        return new S3Server(running, folder, new Uri("http://" + address));
    }

    public Task PutAsync(string key, byte[] content) => Client.PutObjectAsync(
        new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = new MemoryStream(content), UseChunkEncoding = false });

    public Task PutAsync(string key, string content) => PutAsync(key, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>In parts of 5 MiB.</summary>
    public async Task PutInPartsAsync(string key, byte[] content)
    {
        const int Part = 5 << 20;
        var upload = await Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = Bucket, Key = key });
        var parts = new List<PartETag>();
        for (var at = 0; at < content.Length; at += Part)
        {
            var answer = await Client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = Bucket,
                Key = key,
                UploadId = upload.UploadId,
                PartNumber = parts.Count + 1,
                UseChunkEncoding = false,
                InputStream = new MemoryStream(content, at, Math.Min(Part, content.Length - at)),
            });
            parts.Add(new PartETag(parts.Count + 1, answer.ETag));
        }

        await Client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = Bucket, Key = key, UploadId = upload.UploadId, PartETags = parts });
    }

    public async Task<IReadOnlyList<string>> KeysAsync(string prefix)
    {
        var answer = await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix });
        return [.. (answer.S3Objects ?? []).Select(entry => entry.Key[prefix.Length..])];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _program.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string? FindNode() => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);

    private static string? FindProgram()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "artifacts", "s3rver", Program);
            if (File.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
