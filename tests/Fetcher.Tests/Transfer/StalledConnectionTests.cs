using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer;

/// <summary>The engine over real TLS connections, one of which goes quiet for good.</summary>
public sealed class StalledConnectionTests : IDisposable
{
    private const int Mebi = 1 << 20;

    /// <summary>What the quiet connection brings: two whole blocks and a piece of the third.</summary>
    private const int Delivered = (2 * Mebi) + 100;

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates = new();
    private readonly FetchMeter _meter = new();
    private readonly ConcurrentQueue<ByteSpan> _asked = new();
    private readonly byte[] _content = RandomNumberGenerator.GetBytes((50 * Mebi) + 123);

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task What_a_connection_brought_before_it_went_quiet_is_not_asked_for_again(int connections)
    {
        using var certificate = _certificates.Issue("127.0.0.1");
        var requests = 0;
        ByteSpan? stalled = null;
        await using var server = new RawServer(
            async request =>
            {
                var range = RangeHeaderValue.Parse(request.Header("Range")!).Ranges.Single();
                var asked = new ByteSpan(range.From!.Value, range.To!.Value + 1);
                if (Interlocked.Increment(ref requests) == 1)
                {
                    stalled = asked;
                    await AnswerAsync(request, asked, Delivered);
                    await request.HangAsync();
                    return;
                }

                _asked.Enqueue(asked);
                await AnswerAsync(request, asked, (int)(asked.To - asked.From));
            },
            certificate);
        using var web = new WebConnections(new WebSettings { CaBundles = [_certificates.Bundle], StallTimeout = TimeSpan.FromSeconds(2) });

        await FetchAsync(web, server.Address(), connections);

        File.ReadAllBytes(Target).Should().Equal(_content);
        var brought = new ByteSpan(stalled!.Value.From, stalled.Value.From + (2 * Mebi));
        _asked.Should().NotContain(span => span.From < brought.To && span.To > brought.From, "whole blocks that came stay");
        _asked.Should().Contain(span => span.From == brought.To, "the third block has to come again");
        _meter.RetriesFor(RetryCause.Stalled).Should().BePositive();
    }

    private string Target => Path.Combine(_folder.Path, "models", "a.safetensors");

    private async Task FetchAsync(WebConnections web, Uri address, int connections)
    {
        var digest = new ContentDigest(DigestAlgorithm.Sha256, Convert.ToHexStringLower(SHA256.HashData(_content)));
        var origin = new WebOrigin(
            web, new WebQuestion(address), _content.Length, validator: null, answer => new FetchException(ExitCode.NoPermission, $"{answer.Who} refuses."));
        var item = new TransferItem(digest.Hex, "a.safetensors", _content.Length, digest, $"{digest}|{_content.Length}", origin, [Target]);
        var engine = new TransferEngine(
            new CacheLayout(_folder.Path), new EngineSettings(connections, null, TimeSpan.FromSeconds(5)), new Backoff(new Random(1), TimeProvider.System), _meter, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        await Task.Run(() => engine.Run([item], limit.Token), limit.Token);
    }

    private async Task AnswerAsync(RawRequest request, ByteSpan asked, int length)
    {
        var head = $"HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Range: bytes {asked.From}-{asked.To - 1}/{_content.Length}\r\nContent-Length: {asked.To - asked.From}\r\n\r\n";
        await request.Stream.WriteAsync(Encoding.ASCII.GetBytes(head), request.Stop);
        await request.Stream.WriteAsync(_content.AsMemory((int)asked.From, length), request.Stop);
        await request.Stream.FlushAsync(request.Stop);
    }
}
