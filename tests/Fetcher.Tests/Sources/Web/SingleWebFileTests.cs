using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Sources.Web;

public sealed class SingleWebFileTests : IDisposable
{
    private readonly ModelFolder _folder = new();
    private readonly SourceSetup _sources = new();

    public void Dispose()
    {
        _sources.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_file_is_a_model_too()
    {
        _folder.Add("x 1.gguf", "weights");
        await using var server = await ServeAsync();

        var manifest = await Source(server, "x%201.gguf").ListAsync();

        manifest.Files.Single().Should().Match<ManifestFile>(file => file.Path == "x 1.gguf" && file.Size == 7 && file.Digest == null && file.Validator != null);
        (await Source(server, "x%201.gguf").OriginOf(manifest.Version, manifest.Files.Single()).ReadAsync(0, 7, whole: true)).Should().Equal("weights"u8.ToArray());
    }

    [Fact]
    public async Task One_file_that_is_not_there_is_66()
    {
        await using var server = await ServeAsync();

        var failure = await FailureAsync(Source(server, "x.gguf"));

        failure.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("x.gguf").And.Contain("\"/\"");
    }

    private static async Task<FetchException> FailureAsync(IModelSource source) =>
        (await source.Awaiting(it => it.ListAsync()).Should().ThrowAsync<FetchException>()).Which;

    private IModelSource Source(PlainFileServer server, string path) => _sources.For(server.Endpoint + path);

    private Task<PlainFileServer> ServeAsync() =>
        PlainFileServer.StartAsync(_folder.Root, new PlainFileOptions { Listing = PlainListing.Bare }, TestContext.Current.CancellationToken);
}
