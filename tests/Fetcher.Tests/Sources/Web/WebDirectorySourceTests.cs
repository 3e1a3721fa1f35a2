using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Sources.Web;

public sealed class WebDirectorySourceTests : IDisposable
{
    private readonly ModelFolder _folder = new();
    private readonly SourceSetup _sources = new();

    public void Dispose()
    {
        _sources.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Takes_digests_from_SHA256SUMS_and_sizes_from_the_server()
    {
        _folder.Add("config.json", "{}").Add("größe/ü 1%.safetensors", "weights");
        await using var server = await ServeAsync(PlainListing.Sha256Sums);

        var manifest = await Source(server).ListAsync();

        manifest.Files.Should().Equal(new ManifestFile("config.json", 2, Sha256("{}")), new ManifestFile("größe/ü 1%.safetensors", 7, Sha256("weights")));
        manifest.Version.Should().MatchRegex("^[0-9a-f]{64}$");
        await ReadsAsync(server, manifest);
    }

    [Fact]
    public async Task Asks_only_for_the_sizes_of_wanted_files_and_names_the_version_alike()
    {
        _folder.Add("config.json", "{}").Add("model.safetensors").Add("model.onnx").Add("readme.md");
        await using var server = await ServeAsync(PlainListing.Sha256Sums);
        var onlyWeights = new FileFilter([new Glob("*.safetensors")], []);

        var everything = await Source(server).ListAsync();
        server.ResetLog();
        var part = await Source(server).ListAsync(null, onlyWeights, Patience.Long, TestContext.Current.CancellationToken);

        part.Files.Select(file => file.Path).Should().Equal("model.safetensors");
        part.Version.Should().Be(everything.Version);
        server.Log.Where(exchange => exchange.Method == "HEAD").Select(exchange => exchange.File).Should().Equal("model.safetensors");
    }

    [Fact]
    public async Task Sizes_of_many_files_come_from_an_index_where_there_is_one()
    {
        var names = Enumerable.Range(0, 40).Select(i => $"{i / 10}/f{i:D2}.bin").ToList();
        names.ForEach(name => _folder.Add(name, name + name));
        _folder.Add(Sha256Sums.FileName, string.Concat(names.Select(name => $"{Sha256(name + name).Hex}  {name}\n")));
        await using var server = await ServeAsync(PlainListing.NginxJson);

        var manifest = await Source(server).ListAsync();

        manifest.Files.Should().Equal(names.Select(name => new ManifestFile(name, 2 * name.Length, Sha256(name + name))));
        server.Log.Should().NotContain(exchange => exchange.Method == "HEAD");
    }

    [Fact]
    public async Task Sizes_of_many_files_are_asked_for_one_by_one_where_there_is_no_index()
    {
        var names = Enumerable.Range(0, 40).Select(i => $"f{i:D2}.bin").ToList();
        names.ForEach(name => _folder.Add(name, name));
        await using var server = await ServeAsync(PlainListing.Sha256Sums);

        (await Source(server).ListAsync()).Files.Should().HaveCount(40).And.OnlyContain(file => file.Size == 7);
    }

    [Fact]
    public async Task A_file_that_SHA256SUMS_names_and_the_server_lacks_is_66()
    {
        _folder.Add("config.json", "{}").Add(Sha256Sums.FileName, $"{Sha256("{}").Hex}  config.json\n{Sha256("x").Hex} *model.safetensors\n");
        await using var server = await ServeAsync(PlainListing.Bare);

        var failure = await FailureAsync(Source(server));

        failure.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("model.safetensors").And.Contain("404");
    }

    [Fact]
    public async Task A_path_that_climbs_is_refused_before_it_is_asked_for()
    {
        _folder.Add(Sha256Sums.FileName, $"{Sha256("x").Hex}  ../../etc/passwd\n");
        await using var server = await ServeAsync(PlainListing.Bare);

        (await FailureAsync(Source(server))).Code.Should().Be(ExitCode.WrongContent);

        server.Log.Should().OnlyContain(exchange => exchange.Path == "/" + Sha256Sums.FileName);
    }

    [Fact]
    public async Task Walks_an_index_of_nginx()
    {
        _folder.Add("config.json", "{}").Add("a b/#1/模型.safetensors", "weights").AddFolder("empty");
        await using var server = await ServeAsync(PlainListing.NginxJson);

        var manifest = await Source(server).ListAsync();

        manifest.Files.Select(file => (file.Path, file.Size, file.Digest)).Should().Equal(("a b/#1/模型.safetensors", 7, null), ("config.json", 2, null));
        manifest.Files.Should().OnlyContain(file => file.Validator!.EndsWith(" GMT", StringComparison.Ordinal));
        await ReadsAsync(server, manifest);
    }

    [Fact]
    public async Task A_file_that_changed_since_it_was_listed_is_not_the_one_that_was_meant()
    {
        _folder.Add("config.json", "{}");
        await using var server = await ServeAsync(PlainListing.NginxJson);
        var source = Source(server);
        var manifest = await source.ListAsync();
        File.SetLastWriteTimeUtc(_folder.PathOf("config.json"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        (await source.OriginOf(manifest.Version, manifest.Files.Single()).Awaiting(origin => origin.ReadAsync(0, 2)).Should().ThrowAsync<TransferException>())
            .Which.Fault.Should().Be(TransferFault.Changed);
    }

    [Fact]
    public async Task Tries_the_usual_names_and_the_shards_of_the_index_where_nothing_is_listed()
    {
        _folder.Add("config.json", "{}").Add("tokenizer.json").Add("unusual.txt").Add("odd-1.safetensors", "one").Add("deep/odd-2.safetensors", "two")
            .Add("model.safetensors.index.json", """{"metadata":{"total_size":6},"weight_map":{"a":"odd-1.safetensors","b":"deep/odd-2.safetensors","c":"odd-1.safetensors"}}""");
        await using var server = await ServeAsync(PlainListing.Bare);

        var manifest = await Source(server).ListAsync();

        manifest.Files.Select(file => file.Path).Should().Equal(
            "config.json", "deep/odd-2.safetensors", "model.safetensors.index.json", "odd-1.safetensors", "tokenizer.json");
        manifest.Files.Should().OnlyContain(file => file.Digest == null && file.Validator!.StartsWith('"'));
        await ReadsAsync(server, manifest);
    }

    [Fact]
    public async Task A_shard_that_the_index_names_and_the_server_lacks_is_66()
    {
        _folder.Add("config.json", "{}").Add("model.safetensors.index.json", """{"weight_map":{"a":"model-00001.safetensors"}}""");
        await using var server = await ServeAsync(PlainListing.Bare);

        var failure = await FailureAsync(Source(server));

        failure.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("model-00001.safetensors");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_says_what_was_looked_for()
    {
        await using var server = await ServeAsync(PlainListing.Bare);

        var failure = await FailureAsync(Source(server, "llama/"));

        failure.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("/llama/").And.Contain("SHA256SUMS").And.Contain("autoindex").And.Contain("config.json");
    }

    [Fact]
    public async Task A_server_that_wants_a_password_is_77()
    {
        _folder.Add("config.json");
        await using var server = await PlainFileServer.StartAsync(
            _folder.Root, new PlainFileOptions { BasicUser = "me", BasicPassword = "secret" }, TestContext.Current.CancellationToken);

        (await FailureAsync(Source(server))).Code.Should().Be(ExitCode.NoPermission);
    }

    [Fact]
    public async Task A_server_that_forbids_everything_is_77()
    {
        await using var server = await ServeAsync(PlainListing.Bare);
        server.Faults.Add(Fault.Status(403).Always());

        (await FailureAsync(Source(server))).Code.Should().Be(ExitCode.NoPermission);
    }

    [Fact]
    public async Task A_server_without_ranges_gives_whole_files()
    {
        _folder.Add("config.json", "{}");
        await using var server = await PlainFileServer.StartAsync(_folder.Root, new PlainFileOptions { Ranges = false }, TestContext.Current.CancellationToken);
        var source = Source(server);
        var manifest = await source.ListAsync();

        using var open = source.OriginOf(manifest.Version, manifest.Files.Single()).Open(1, 2, whole: false, TestContext.Current.CancellationToken);

        open.From.Should().Be(0);
    }

    [Theory]
    [InlineData(405)]
    [InlineData(403)]
    [InlineData(501)]
    public async Task A_server_that_refuses_HEAD_is_asked_for_one_byte(int status)
    {
        _folder.Add("config.json", "{ }").Add("empty.json", "");
        await using var server = await ServeAsync(PlainListing.Sha256Sums);
        server.Faults.Add(Fault.Status(status).Where(exchange => exchange.Method == "HEAD").Always());

        (await Source(server).ListAsync()).Files.Select(file => file.Size).Should().Equal(3, 0);
    }

    [Fact]
    public async Task Trouble_that_passes_is_sat_out()
    {
        _folder.Add("config.json", "{}");
        await using var server = await ServeAsync(PlainListing.NginxJson);
        server.Faults.Add(Fault.Status(503, retryAfter: 0).Times(5));

        (await Source(server).ListAsync()).Files.Should().HaveCount(1);
    }

    [Fact]
    public async Task The_version_is_the_content_of_the_list()
    {
        _folder.Add("config.json", "{}");
        await using var server = await ServeAsync(PlainListing.NginxJson);
        var source = Source(server);
        var first = await source.ListAsync();
        (await source.ListAsync(first.Version)).Version.Should().Be(first.Version, "nothing has changed");

        _folder.Add("config.json", "{ }");

        (await source.ListAsync()).Version.Should().NotBe(first.Version);
        var failure = (await source.Awaiting(it => it.ListAsync(first.Version)).Should().ThrowAsync<FetchException>()).Which;
        failure.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("no longer publishes");
    }

    private static ContentDigest Sha256(string text) => new(DigestAlgorithm.Sha256, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    private static async Task<FetchException> FailureAsync(IModelSource source, Patience patience = Patience.Long) =>
        (await source.Awaiting(it => it.ListAsync(patience: patience)).Should().ThrowAsync<FetchException>()).Which;

    private async Task ReadsAsync(PlainFileServer server, ModelManifest manifest)
    {
        foreach (var file in manifest.Files)
        {
            var read = await Source(server).OriginOf(manifest.Version, file).ReadAsync(0, file.Size);
            Encoding.UTF8.GetString(read).Should().Be(await File.ReadAllTextAsync(_folder.PathOf(file.Path), TestContext.Current.CancellationToken));
        }
    }

    private IModelSource Source(PlainFileServer server, string path = "") => _sources.For(server.Endpoint + path);

    private Task<PlainFileServer> ServeAsync(PlainListing listing) =>
        PlainFileServer.StartAsync(_folder.Root, new PlainFileOptions { Listing = listing }, TestContext.Current.CancellationToken);
}
