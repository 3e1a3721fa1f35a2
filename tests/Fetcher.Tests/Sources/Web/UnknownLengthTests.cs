using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Sources.Web;

/// <summary>Servers that make their answers as they go, and so tell nobody how long they are.</summary>
public sealed class UnknownLengthTests : IDisposable
{
    private readonly SourceSetup _sources = new();

    public void Dispose() => _sources.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_whose_length_nobody_tells_is_counted_and_fetched(bool isChunked)
    {
        await using var server = Serving(() => "weights", isChunked);
        var source = _sources.For(server.Address("/x.gguf").ToString());

        var manifest = await source.ListAsync();

        manifest.Files.Single().Size.Should().Be(7);
        (await source.OriginOf(manifest.Version, manifest.Files.Single()).ReadAsync(0, 7, whole: true)).Should().Equal("weights"u8.ToArray());
    }

    [Fact]
    public async Task A_file_that_has_grown_since_it_was_counted_is_another_one()
    {
        var content = "weights";
        await using var server = Serving(() => content, isChunked: true);
        var source = _sources.For(server.Address("/x.gguf").ToString());
        var manifest = await source.ListAsync();
        content = "weights and more";

        var failure = (await source.OriginOf(manifest.Version, manifest.Files.Single())
            .Awaiting(origin => origin.ReadAsync(0, 7, whole: true)).Should().ThrowAsync<TransferException>()).Which;

        failure.Fault.Should().Be(TransferFault.Changed);
        failure.Message.Should().Contain("more than the 7 bytes");
    }

    [Fact]
    public async Task A_large_file_is_not_read_twice_just_to_be_counted()
    {
        var block = new byte[1 << 20];
        await using var server = new RawServer(async request =>
        {
            await request.SayAsync("HTTP/1.1 200 OK", "", "");
            for (var i = 0; i < 80 && !request.Head.StartsWith("HEAD", StringComparison.Ordinal); i++)
                await request.Stream.WriteAsync(block, request.Stop);
        });

        var failure = (await _sources.For(server.Address("/x.gguf").ToString()).Awaiting(it => it.ListAsync()).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("does not tell how long it is").And.Contain("64 MiB");
    }

    private static RawServer Serving(Func<string> content, bool isChunked) => new(request =>
    {
        var body = content();
        var isHead = request.Head.StartsWith("HEAD", StringComparison.Ordinal);
        return isChunked
            ? request.SayAsync("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", isHead ? "" : $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n")
            : request.SayAsync("HTTP/1.1 200 OK", "", isHead ? "" : body);
    });
}
