using CsCheck;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Contract.Tests.References;

namespace Stevedore.Contract.Tests.Layout;

public sealed class CacheLayoutTests
{
    private const string Root = "/cache";

    [Theory]
    [InlineData("hf://Qwen/Qwen3-8B@main", "hub/models--Qwen--Qwen3-8B")]
    [InlineData("hf://gpt2", "hub/models--gpt2")]
    [InlineData("hf://组织/模型", "hub/models--组织--模型")]
    [InlineData("s3://bucket/models/llama/", "models/s3/aws/bucket/models/llama")]
    [InlineData("s3://bucket", "models/s3/aws/bucket")]
    [InlineData("https://models.example.com/a/b/", "models/https/models.example.com/a/b")]
    [InlineData("https://models.example.com:443/a/b/", "models/https/models.example.com/a/b")]
    [InlineData("https://models.example.com/a%20b/%E6%A8%A1/", "models/https/models.example.com/a b/模")]
    [InlineData("file:///models/llama/", "models/file/localhost/models/llama")]
    public void Gives_a_model_its_folder(string reference, string folder) =>
        CacheLayout.FolderOf(ModelReference.Parse(reference).OrThrow()).Should().Be(folder);

    [Theory]
    [InlineData("https://host/dir/model", "https://host/dir/model/")]
    [InlineData("https://host/a%2Fb/", "https://host/a/b/")]
    [InlineData("https://host/a%2Fb/", "https://host/a%252Fb/")]
    [InlineData("http://host/a/", "https://host/a/")]
    [InlineData("http://host/a/", "http://host:8080/a/")]
    [InlineData("http://host_8080/a/", "http://host:8080/a/")]
    [InlineData("http://host/a/", "s3://host/a/")]
    [InlineData("s3://host/a%2Fb/", "s3://host/a/b/")]
    [InlineData("hf://a/b", "hf://b")]
    [InlineData("hf://a_/b", "hf://a/_b")]
    public void Keeps_models_apart(string one, string other) =>
        CacheLayout.FolderOf(ModelReference.Parse(one).OrThrow()).Should().NotBe(CacheLayout.FolderOf(ModelReference.Parse(other).OrThrow()));

    [Theory]
    [InlineData(null, "models/s3/aws/bucket/a/b")]
    [InlineData("https://s3.example.com", "models/s3/s3.example.com/bucket/a/b")]
    [InlineData("http://MinIO:9000/", "models/s3/minio+9000/bucket/a/b")]
    [InlineData("http://gateway/x", "models/s3/gateway/x/bucket/a/b")]
    public void Buckets_of_one_name_in_two_stores_are_two_models(string? endpoint, string folder) =>
        CacheLayout.FolderOf(new S3Reference("bucket", "a/b/"), endpoint is null ? null : new Uri(endpoint)).Should().Be(folder);

    [Fact]
    public void Keeps_all_models_apart_but_not_the_revisions_of_one() =>
        Gen.Select(ArbitraryReference.Fetched, ArbitraryReference.Fetched).Sample((one, other) =>
            (CacheLayout.FolderOf(one) == CacheLayout.FolderOf(other)).Should().Be(Model(one).Equals(Model(other)), "of {0} and {1}", one, other), iter: 3000);

    [Fact]
    public void Keeps_everything_that_parses_below_the_cache() =>
        ReferenceProperties.Hostile.Sample(text =>
        {
            if (ModelReference.Parse(text) is { IsValid: true, Value: not (ClaimReference or ImageReference) } parsed)
                ShouldStayInside(CacheLayout.FolderOf(parsed.Value));
        }, iter: 3000);

    [Theory]
    [InlineData("https://host/a%2F..%2F..%2F..%2F..%2Fb/")]
    [InlineData("https://host/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fb")]
    [InlineData("https://host/..%2F..%2F..%2F..%2F..%2Fetc/")]
    [InlineData("https://host/a%00b/")]
    public void Keeps_an_address_below_the_cache_that_no_parser_has_seen(string address) =>
        ShouldStayInside(CacheLayout.FolderOf(new HttpReference(new Uri(address))));

    [Fact]
    public void Keeps_parts_below_the_cache_that_no_parser_has_seen()
    {
        ShouldStayInside(CacheLayout.FolderOf(new S3Reference("..", "../../../../x/")));
        ShouldStayInside(CacheLayout.FolderOf(new FileReference("/../../../../../etc/")));
        ShouldStayInside(CacheLayout.FolderOf(new HubReference("..", "../../../../x", null)));
        ShouldStayInside(CacheLayout.FolderOf(new HubReference(null, "/etc", null)));
    }

    [Fact]
    public void No_model_lies_where_the_records_of_another_are_kept()
    {
        // Versions are recorded in folders that begin with @ below a model's own.
        var folder = CacheLayout.FolderOf(ModelReference.Parse("https://host/a/@607a30d783dfa663caf39e06633721c8d4cfcd7e/").OrThrow());
        folder.Split('/').Should().NotContain(part => part.StartsWith('@'));
    }

    [Theory]
    [InlineData("pvc://claim/model")]
    [InlineData("oci://registry.example.com/llama:v1")]
    public void What_is_mounted_where_it_lies_has_no_folder(string reference)
    {
        var folder = () => CacheLayout.FolderOf(ModelReference.Parse(reference).OrThrow());
        folder.Should().Throw<ArgumentException>().WithMessage("*mounted*");
    }

    [Fact]
    public void Puts_the_versions_of_the_Hub_into_snapshots_and_those_of_others_beside_each_other()
    {
        var cache = new CacheLayout(Root);
        var hub = CacheLayout.FolderOf(new HubReference("a", "b", null));
        var web = CacheLayout.FolderOf(new HttpReference(new Uri("https://host/a/")));
        CacheLayout.IsHub(hub).Should().BeTrue();
        CacheLayout.IsHub(web).Should().BeFalse();
        cache.VersionOf(hub, "c0ffee").Should().Be("/cache/hub/models--a--b/snapshots/c0ffee");
        cache.VersionOf(web, "c0ffee").Should().Be("/cache/models/https/host/a/c0ffee");
        cache.BlobsOf(hub).Should().Be("/cache/hub/models--a--b/blobs");
        cache.RefsOf(hub).Should().Be("/cache/hub/models--a--b/refs");
    }

    [Fact]
    public void Keeps_its_own_things_out_of_the_way_of_readers()
    {
        var cache = new CacheLayout(Root);
        new[] { cache.Partials, cache.Leases, cache.Fetchers, cache.Trash, cache.Records }.Should().OnlyHaveUniqueItems()
            .And.OnlyContain(path => path.StartsWith("/cache/.stevedore/"));
        cache.Hub.Should().Be("/cache/hub");
    }

    private static ModelReference Model(ModelReference reference) => reference is HubReference hub ? hub with { Revision = null } : reference;

    private static void ShouldStayInside(string folder)
    {
        folder.Should().NotContain("\0").And.NotStartWith("/");
        var full = Path.GetFullPath(Path.Combine(Root, folder));
        full.Should().Be($"{Root}/{folder}", "nothing in it may climb, and nothing may be dropped");
        full.Should().MatchRegex("^/cache/(hub|models/[a-z0-9]+)/[^/]");
    }
}
