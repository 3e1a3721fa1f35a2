using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>Ranges of two contents never make one file.</summary>
public sealed class ValidatorTests : IDisposable
{
    private const int Size = 16;
    private readonly WebConnections _web = new(new WebSettings());

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task The_next_range_must_be_of_the_file_that_the_first_was_of()
    {
        await using var server = new RawServer(request => request.SayAsync(
            "HTTP/1.1 206 Partial Content", $"Content-Range: bytes {request.Header("Range")!["bytes=".Length..]}/16", "Content-Length: 4", "ETag: \"one\"", "", "4567"));
        var origin = Origin(server);

        await origin.ReadAsync(4, 8);
        await origin.ReadAsync(8, 12);

        server.Requests.Last().Should().Contain("If-Match: \"one\"");
    }

    [Theory]
    [InlineData("ETag: W/\"one\"", "ETag: W/\"one\"", false)]
    [InlineData("ETag: W/\"one\"", "ETag: \"two\"", true)]
    [InlineData("ETag: \"one\"", "ETag: \"two\"", true)]
    [InlineData("ETag: \"one\"", "X-Linked-Etag: \"two\"", false)]
    [InlineData("Last-Modified: Wed, 01 May 2024 10:00:00 GMT", "Last-Modified: Wed, 01 May 2024 10:00:00 GMT", false)]
    [InlineData("Last-Modified: Wed, 01 May 2024 10:00:00 GMT", "Last-Modified: Thu, 02 May 2024 10:00:00 GMT", true)]
    public async Task Another_validator_means_another_file(string first, string second, bool isChanged)
    {
        var answers = 0;
        await using var server = new RawServer(request => request.SayAsync(
            "HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", Interlocked.Increment(ref answers) == 1 ? first : second, "", "4567"));
        var origin = Origin(server);
        await origin.ReadAsync(4, 8);

        if (isChanged)
            Failure(origin, 4, 8).Fault.Should().Be(TransferFault.Changed);
        else
            (await origin.ReadAsync(4, 8)).Should().HaveCount(4);

        server.Requests.Last().Contains("If-Match", StringComparison.Ordinal).Should().Be(first == "ETag: \"one\"", "a weak tag or a date never matches there");
    }

    [Fact]
    public async Task After_a_change_the_file_can_be_started_again()
    {
        var answers = 0;
        await using var server = new RawServer(request => request.SayAsync(
            "HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", $"ETag: \"{Interlocked.Increment(ref answers) > 1}\"", "", "4567"));
        var origin = Origin(server);
        await origin.ReadAsync(4, 8);
        Failure(origin, 4, 8).Fault.Should().Be(TransferFault.Changed);

        (await origin.ReadAsync(4, 8)).Should().HaveCount(4);
    }

    [Fact]
    public async Task What_was_listed_with_a_validator_stays_changed()
    {
        await using var server = RawServer.Saying("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", "ETag: \"two\"", "", "4567");
        var origin = new WebOrigin(_web, new WebQuestion(server.Address()), Size, new Validator("\"one\""), Refusal);

        Failure(origin, 4, 8).Fault.Should().Be(TransferFault.Changed);
        Failure(origin, 4, 8).Fault.Should().Be(TransferFault.Changed);
        server.Requests.Should().OnlyContain(request => request.Contains("If-Match: \"one\"", StringComparison.Ordinal));
    }

    private static TransferException Failure(WebOrigin origin, long from, long to) =>
        origin.Invoking(it => it.Read(from, to, cancellationToken: TestContext.Current.CancellationToken)).Should().Throw<TransferException>().Which;

    private static FetchException Refusal(WebAnswer answer) => new(ExitCode.NoPermission, $"{answer.Who} refuses.");

    private WebOrigin Origin(RawServer server) => new(_web, new WebQuestion(server.Address()), Size, validator: null, Refusal);
}
