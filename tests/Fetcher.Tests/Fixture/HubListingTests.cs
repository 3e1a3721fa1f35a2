using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed partial class HubListingTests : IDisposable
{
    private readonly FixtureClient _client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_branch_a_tag_and_the_commit_itself_name_the_commit_while_the_branch_moves_on()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        var repository = hub.AddRepository("org/model").AddFile("config.json", "{}");
        var first = repository.Publish();
        repository.Point("v1", first);
        var second = repository.AddFile("config.json", "{ }").Publish();

        first.Sha.Should().MatchRegex("^[0-9a-f]{40}$").And.NotBe(second.Sha);
        (await Sha(hub, "org/model", "main")).Should().Be(second.Sha);
        (await Sha(hub, "org/model", "v1")).Should().Be(first.Sha);
        (await Sha(hub, "org/model", first.Sha)).Should().Be(first.Sha);
        (await _client.Bytes(new Uri(hub.Endpoint, "org/model/resolve/v1/config.json"))).Should().Equal(FixtureClient.Text("{}"));
    }

    [Fact]
    public async Task The_same_files_make_the_same_commit_again()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        var repository = hub.AddRepository("model").AddFile("a", "1");
        var commit = repository.Publish();
        repository.AddFile("b", "2").Publish().Sha.Should().NotBe(commit.Sha);

        repository.RemoveFile("b").Publish("other").Sha.Should().Be(commit.Sha);
    }

    [Theory]
    [InlineData("org/model")]
    [InlineData("gpt")]
    public async Task The_tree_comes_in_pages_that_together_hold_every_file_and_folder_once(string id)
    {
        await using var hub = await HubServer.StartAsync(new HubOptions { TreePageSize = 2 }, Ct);
        var weights = FixtureClient.Pattern(3000);
        var commit = hub.AddRepository(id)
            .AddFile("config.json", "{}")
            .AddFile("model.safetensors", weights, lfs: true)
            .AddFile("original/deep/params.json", "[]")
            .AddFile("original/readme.md", "#")
            .Publish();

        var pages = await Pages(hub, $"api/models/{id}/tree/{commit.Sha}?recursive=true&expand=false");

        pages.Should().HaveCount(3).And.OnlyContain(page => page.Length <= 2);
        var entries = pages.SelectMany(page => page).ToArray();
        entries.Select(entry => $"{entry.GetProperty("type")} {entry.GetProperty("path")}").Should().BeEquivalentTo(
            "file config.json",
            "file model.safetensors",
            "directory original",
            "directory original/deep",
            "file original/deep/params.json",
            "file original/readme.md");
        var lfs = entries.Single(entry => entry.TryGetProperty("lfs", out _));
        lfs.GetProperty("size").GetInt64().Should().Be(3000);
        lfs.GetProperty("lfs").GetProperty("oid").GetString().Should().Be(Convert.ToHexStringLower(SHA256.HashData(weights)));
        lfs.GetProperty("lfs").GetProperty("pointerSize").GetInt64().Should().Be(129, "version, digest and a size of four digits");

        // echo -n '{}' | git hash-object --stdin
        entries[0].GetProperty("oid").GetString().Should().Be("9e26dfeeb6e641a33dae4961196235bdb965b21b");
    }

    [Fact]
    public async Task The_tree_without_recursion_is_one_folder()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile("a.txt", "a").AddFile("sub/b.txt", "b").Publish();

        (await Pages(hub, "api/models/org/model/tree/main"))[0].Select(Path).Should().Equal("a.txt", "sub");
        (await Pages(hub, "api/models/org/model/tree/main/sub"))[0].Select(Path).Should().Equal("sub/b.txt");
    }

    [Fact]
    public async Task Names_with_spaces_percent_signs_and_other_scripts_are_found()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        const string Name = "données/模型 100%#1?.json";
        hub.AddRepository("org/модель").AddFile(Name, "found").Publish("refs/pr/1");
        var escaped = string.Join('/', Name.Split('/').Select(Uri.EscapeDataString));

        var id = $"org/{Uri.EscapeDataString("модель")}";
        (await Pages(hub, $"api/models/{id}/tree/refs%2Fpr%2F1?recursive=true"))[0].Select(Path).Should().Contain(Name);
        var content = await _client.Bytes(new Uri(hub.Endpoint, $"{id}/resolve/refs%2Fpr%2F1/{escaped}"));

        content.Should().Equal(FixtureClient.Text("found"));
        hub.Log[^1].File.Should().Be(Name);
    }

    [Fact]
    public async Task A_renamed_repository_redirects_relatively_and_keeps_the_query()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("new-org/model").AddFile("a/b c.txt", "x").Publish();
        hub.Rename("old", "new-org/model");

        (await Location("api/models/old/tree/main?recursive=true")).Should().Be("/api/models/new-org/model/tree/main?recursive=true");
        (await Location("old/resolve/main/a/b%20c.txt")).Should().Be("/new-org/model/resolve/main/a/b%20c.txt");

        async Task<string> Location(string path)
        {
            using var response = await _client.Get(new Uri(hub.Endpoint, path));
            ((int)response.StatusCode).Should().Be(307);
            return response.Headers.Location!.OriginalString;
        }
    }

    [Fact]
    public async Task Sizes_come_with_the_model_when_blobs_are_asked_for()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile("model.safetensors", FixtureClient.Pattern(10), lfs: true).Publish();

        var plain = await Json(new Uri(hub.Endpoint, "api/models/org/model/revision/main"));
        var detailed = await Json(new Uri(hub.Endpoint, "api/models/org/model/revision/main?blobs=true"));

        plain.GetProperty("siblings")[0].EnumerateObject().Select(property => property.Name).Should().Equal("rfilename");
        detailed.GetProperty("siblings")[0].GetProperty("lfs").GetProperty("size").GetInt32().Should().Be(10);
    }

    private static string Path(JsonElement entry) => entry.GetProperty("path").GetString()!;

    private async Task<string> Sha(HubServer hub, string id, string revision) =>
        (await Json(new Uri(hub.Endpoint, $"api/models/{id}/revision/{revision}"))).GetProperty("sha").GetString()!;

    private async Task<JsonElement> Json(Uri uri) => JsonDocument.Parse(await _client.Bytes(uri)).RootElement;

    private async Task<List<JsonElement[]>> Pages(HubServer hub, string path)
    {
        var pages = new List<JsonElement[]>();
        for (var next = new Uri(hub.Endpoint, path); next is not null && pages.Count < 20;)
        {
            using var response = await _client.Get(next);
            ((int)response.StatusCode).Should().Be(200);
            pages.Add([.. JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).RootElement.EnumerateArray()]);
            next = response.Headers.TryGetValues("Link", out var links) ? new Uri(NextLink().Match(links.Single()).Groups[1].Value) : null;
        }

        return pages;
    }

    [GeneratedRegex("^<(.+)>; rel=\"next\"$")]
    private static partial Regex NextLink();
}
