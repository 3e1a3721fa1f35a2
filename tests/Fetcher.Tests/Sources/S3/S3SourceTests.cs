using System.Net;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Sources.S3;

public sealed class S3SourceTests
{
    private const string Model = "s3://bkt/models/m/";

    [Fact]
    public async Task Lists_what_lies_below_the_prefix_with_the_md5_that_the_etag_is()
    {
        await using var store = new FakeS3();
        store.Put("models/m/config.json", "{}");
        store.Put("models/m/sub/a b+ü&.json", "odd");
        store.Put("models/m2/other.json", "not this one");
        using var sources = store.Sources();

        var manifest = await sources.For(Model).ListAsync();

        manifest.Files.Should().BeEquivalentTo(
        [
            new ManifestFile("config.json", 2, Md5("{}"), $"\"{Md5("{}").Hex}\""),
            new ManifestFile("sub/a b+ü&.json", 3, Md5("odd"), $"\"{Md5("odd").Hex}\""),
        ]);
        manifest.Version.Should().MatchRegex("^[0-9a-f]{64}$");
    }

    [Fact]
    public async Task Reads_the_whole_and_ranges_under_the_listed_etag()
    {
        await using var store = new FakeS3();
        store.Put("models/m/a b+ü&.json", "0123456789");
        using var sources = store.Sources();
        var source = sources.For(Model);
        var manifest = await source.ListAsync();
        var origin = source.OriginOf(manifest.Version, manifest.Files[0]);

        Encoding.ASCII.GetString(await origin.ReadAsync(0, 10, whole: true)).Should().Be("0123456789");
        Encoding.ASCII.GetString(await origin.ReadAsync(3, 7)).Should().Be("3456");

        store.Requests[^1].Should().Contain("Range: bytes=3-6").And.Contain($"If-Match: \"{Md5("0123456789").Hex}\"");
    }

    [Fact]
    public async Task The_version_is_the_lists_digest_so_that_a_changed_object_makes_another()
    {
        await using var store = new FakeS3();
        store.Put("models/m/config.json", "one");
        using var sources = store.Sources();
        var first = await sources.For(Model).ListAsync();
        (await sources.For(Model).ListAsync()).Version.Should().Be(first.Version);

        store.Put("models/m/config.json", "two");

        (await sources.For(Model).ListAsync()).Version.Should().NotBe(first.Version);
        var gone = await sources.Awaiting(it => it.For(Model).ListAsync(first.Version)).Should().ThrowAsync<FetchException>();
        gone.Which.Code.Should().Be(ExitCode.NotFound);
    }

    [Fact]
    public async Task Reads_lists_of_many_pages()
    {
        await using var store = new FakeS3 { PageSize = 100 };
        for (var i = 0; i < 1205; i++)
            store.Put($"models/m/file-{i:0000}.json", $"{i}").ListedMore = "<StorageClass>STANDARD</StorageClass>";
        using var sources = store.Sources();

        var manifest = await sources.For(Model).ListAsync(null, new FileFilter([new Glob("file-0001.json")], []), Patience.Long, TestContext.Current.CancellationToken);

        manifest.Files.Should().HaveCount(1205);
        manifest.Files.Where(file => file.Digest is not null).Should().ContainSingle("only what is wanted is asked for one by one").Which.Path.Should().Be("file-0001.json");
        store.Requests.Count(request => request.Contains("list-type=2")).Should().Be(13);
    }

    [Fact]
    public async Task Markers_of_folders_are_no_files()
    {
        await using var store = new FakeS3();
        store.Put("models/m/", "");
        store.Put("models/m/sub/", "");
        store.Put("models/m/sub/config.json", "{}");
        using var sources = store.Sources();

        (await sources.For(Model).ListAsync()).Files.Select(file => file.Path).Should().Equal("sub/config.json");
    }

    [Theory]
    [InlineData("models/m/../../etc/passwd", "\"..\"")]
    [InlineData("models/m//double", "absolute")]
    [InlineData("models/m/a//double", "empty part")]
    [InlineData("models/m/a\\b", "backslash")]
    [InlineData("models/m/a\nb", "control character")]
    [InlineData("models/m/sub/", "empty part", "not an empty marker")]
    public async Task A_key_that_no_file_can_be_named_for_is_65(string key, string because, string content = "x")
    {
        await using var store = new FakeS3();
        store.Put("models/m/config.json", "{}");
        store.Put(key, content);
        using var sources = store.Sources();

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>();

        failure.Which.Code.Should().Be(ExitCode.WrongContent);
        failure.Which.Message.Should().Contain(because).And.Contain(Model);
    }

    [Fact]
    public async Task A_key_outside_of_the_prefix_is_65()
    {
        await using var store = new FakeS3();
        store.Instead = request => request.Path.Contains("list-type") ? List("<Contents><Key>elsewhere/x</Key><Size>1</Size></Contents>") : null;
        using var sources = store.Sources();

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>();

        failure.Which.Code.Should().Be(ExitCode.WrongContent);
        failure.Which.Message.Should().Contain("\"elsewhere/x\"");
    }

    [Fact]
    public async Task Keys_that_differ_in_case_only_are_two_files_to_a_source()
    {
        await using var store = new FakeS3();
        store.Put("models/m/Config.json", "1");
        store.Put("models/m/config.json", "2");
        using var sources = store.Sources();

        (await sources.For(Model).ListAsync()).Files.Should().HaveCount(2, "whether they are one file is a matter of the volume, which is probed");
    }

    [Fact]
    public async Task A_key_listed_twice_is_65()
    {
        await using var store = new FakeS3();
        var twice = "<Contents><Key>models/m/x</Key><Size>1</Size></Contents>";
        store.Instead = request => request.Path.Contains("list-type") ? List(twice + twice) : null;
        using var sources = store.Sources();

        (await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task A_list_that_breaks_off_is_asked_for_again_and_never_taken_for_whole()
    {
        await using var store = new FakeS3();
        store.Put("models/m/config.json", "{}");
        var tries = 0;
        store.Instead = request => request.Path.Contains("list-type") && tries++ == 0
            ? FakeS3.Xml("HTTP/1.1 200 OK", "<ListBucketResult><Contents><Key>models/m/only</Key><Size>1</Size></Contents>") : null;
        using var sources = store.Sources();

        (await sources.For(Model).ListAsync()).Files.Select(file => file.Path).Should().Equal("config.json");
        tries.Should().Be(2);
    }

    [Theory]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")]
    [InlineData("<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>")]
    [InlineData("<ListBucketResult><Contents><Key>models/m/x</Key><Size>-1</Size></Contents></ListBucketResult>")]
    public async Task What_is_no_list_is_65(string body)
    {
        await using var store = new FakeS3 { Instead = _ => FakeS3.Xml("HTTP/1.1 200 OK", body) };
        using var sources = store.Sources();

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>();

        failure.Which.Code.Should().Be(ExitCode.WrongContent);
        failure.Which.Message.Should().Contain("S3 store");
    }

    [Fact]
    public async Task A_list_with_a_DTD_is_not_read()
    {
        const string Bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListBucketResult><Contents><Key>&a;</Key><Size>1</Size></Contents></ListBucketResult>";
        await using var store = new FakeS3 { Instead = _ => FakeS3.Xml("HTTP/1.1 200 OK", Bomb) };
        using var sources = store.Sources();

        await sources.Awaiting(it => it.For(Model).ListAsync(patience: Patience.Short)).Should().ThrowAsync<SourceUnavailableException>();
    }

    [Fact]
    public async Task A_list_that_goes_round_in_circles_is_65()
    {
        await using var store = new FakeS3
        {
            Instead = _ => FakeS3.Xml("HTTP/1.1 200 OK", "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>"),
        };
        using var sources = store.Sources();

        (await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>()).Which.Message.Should().Contain("without end");
        store.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_reference_to_one_object_gives_that_file()
    {
        await using var store = new FakeS3();
        store.Put("models/adapter.safetensors", "weights");
        using var sources = store.Sources();
        var source = sources.For("s3://bkt/models/adapter.safetensors");

        var manifest = await source.ListAsync();

        manifest.Files.Should().ContainSingle().Which.Should().Be(new ManifestFile("adapter.safetensors", 7, Md5("weights"), $"\"{Md5("weights").Hex}\""));
        Encoding.ASCII.GetString(await source.OriginOf(manifest.Version, manifest.Files[0]).ReadAsync(0, 7)).Should().Be("weights");
    }

    [Fact]
    public async Task A_file_called_as_its_folder_is_read_from_the_folder()
    {
        await using var store = new FakeS3();
        store.Put("models/m", "the object");
        store.Put("models/m/m", "the file");
        using var sources = store.Sources();
        var source = sources.For(Model);
        var manifest = await source.ListAsync();

        Encoding.ASCII.GetString(await source.OriginOf(manifest.Version, manifest.Files.Single()).ReadAsync(0, 8)).Should().Be("the file");
    }

    [Fact]
    public async Task Virtual_hosts_carry_the_bucket_in_the_host_header()
    {
        await using var store = new FakeS3();
        store.Put("models/m/config.json", "{}");
        // By way of a proxy, so that the name need not be known here.
        using var sources = store.Sources(
            settings => settings with { Endpoint = new Uri("http://store.test:9000"), Addressing = S3Addressing.Virtual },
            settings: new WebSettings { Proxy = () => new WebProxy(store.Endpoint) });

        (await sources.For(Model).ListAsync()).Files.Should().ContainSingle();

        store.Requests.Should().AllSatisfy(request => request.Should().Contain($"Host: bkt.store.test:9000").And.NotContain("/bkt/"));
    }

    private static string[] List(string contents) => FakeS3.Xml("HTTP/1.1 200 OK", $"<ListBucketResult>{contents}</ListBucketResult>");

    private static ContentDigest Md5(string content) => new(DigestAlgorithm.Md5, Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(content))));
}
