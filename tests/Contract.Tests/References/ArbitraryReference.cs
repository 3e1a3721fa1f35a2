using CsCheck;
using Stevedore.Contract.References;

namespace Stevedore.Contract.Tests.References;

/// <summary>References of every scheme, built from their parts, so that what they hold is known without the parser.</summary>
internal static class ArbitraryReference
{
    private static readonly Gen<string> HubName = Gen.OneOf("Qwen", "Qwen3-8B", "gpt2", "a", "0", "_x_", "模型", "é.b", "x-y.z_w", new string('n', 96));

    private static readonly Gen<string> Revision = Gen.OneOf(
        "main", "v1.0", "refs/pr/3", "607a30d783dfa663caf39e06633721c8d4cfcd7e", "feature/a=b", "-odd", "分支", "50%", "a;b|c&d", "$(x)");

    private static readonly Gen<string> Segment = Gen.OneOf(
        "a", "b-c", "x=y", "d.e", "...", "..a", "模型", "100%", "%2e%2e", "a%2Fb", "+", "~", "'", "\"", "$(x)", ",", "@", "@v", "*", "[a]", "models", new string('n', 255));

    private static readonly Gen<string> Host = Gen.OneOf(
        "models.example.com", "localhost", "127.0.0.1", "[::1]", "[2001:db8::1]", "bücher.example", "a_8080", "a", "h.");

    public static Gen<HubReference> Hub { get; } = Gen.Select(HubName.Null(), HubName, Revision.Null(), (owner, name, revision) => new HubReference(owner, name, revision));

    public static Gen<S3Reference> S3 { get; } = Gen.Select(
        Gen.OneOf("bucket", "my.bucket-1", "Legacy_Bucket"),
        Segment.Where(part => !part.Contains('@')).Array[0, 4],
        (bucket, parts) => new S3Reference(bucket, string.Concat(parts.Select(part => part + "/"))));

    public static Gen<HttpReference> Http { get; } = Gen.Select(
        Gen.OneOf("http", "https"),
        Host,
        Gen.OneOf("", ":80", ":443", ":8080"),
        Segment.Array[0, 4],
        Gen.Bool,
        (scheme, host, port, parts, isDirectory) => new HttpReference(new Uri(
            $"{scheme}://{host}{port}/{string.Join('/', parts.Select(Uri.EscapeDataString))}{(isDirectory && parts.Length > 0 ? "/" : "")}")));

    public static Gen<FileReference> File { get; } = Segment.Array[1, 4].Select(parts => new FileReference($"/{string.Join('/', parts)}/"));

    public static Gen<ClaimReference> Claim { get; } = Gen.Select(
        Gen.OneOf("claim", "a", "claim-1.x"), Segment.Where(part => !part.Contains('@')).Array[0, 3], (claim, parts) => new ClaimReference(claim, string.Join('/', parts)));

    public static Gen<ImageReference> Image { get; } = Gen.Select(
        Gen.OneOf("registry.example.com", "localhost:5000", "docker.io"),
        Gen.OneOf("llama", "a/b-c/d_e", "x.y/z__1"),
        Gen.OneOf(":v1", ":latest", "@sha256:" + new string('a', 64), ":v1@sha256:" + new string('0', 64)),
        (registry, repository, version) => new ImageReference($"{registry}/{repository}{version}"));

    /// <summary>What a fetcher can put into a cache.</summary>
    public static Gen<ModelReference> Fetched { get; } = Gen.OneOf(
        Hub.Select(reference => (ModelReference)reference), S3.Select(reference => (ModelReference)reference), Http.Select(reference => (ModelReference)reference),
        File.Select(reference => (ModelReference)reference));

    public static Gen<ModelReference> Any { get; } = Gen.OneOf(
        Fetched, Claim.Select(reference => (ModelReference)reference), Image.Select(reference => (ModelReference)reference));
}
