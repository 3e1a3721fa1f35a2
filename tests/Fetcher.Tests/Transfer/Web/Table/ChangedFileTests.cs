using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Rows "validator", "412, or another ETag or total" and "416": ranges of two contents never make one file, and a file that changes is started once again.</summary>
public sealed class ChangedFileTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const string Path = "/model.safetensors";
    private static readonly byte[] Old = EngineAtWork.Noise(40 * Mebi, seed: 1);
    private static readonly byte[] New = EngineAtWork.Noise(40 * Mebi, seed: 2);

    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new() { Connections = 1 };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory]
    [InlineData("ETag: \"one\"", true)]
    [InlineData("ETag: W/\"one\"", false)]
    [InlineData("Last-Modified: Wed, 01 May 2024 10:00:00 GMT", false)]
    public async Task Later_ranges_are_asked_for_on_condition_that_the_ETag_is_the_first_ones_where_that_can_match(string header, bool conditional)
    {
        _server.OnRequest = request => request.ServeAsync(header);

        await FetchAsync(Old);

        _server.Requests.First().Header("If-Match").Should().BeNull("nothing is known yet");
        _server.Requests.Skip(1).Should().NotBeEmpty().And.OnlyContain(request => request.Header("If-Match") == (conditional ? "\"one\"" : null));
    }

    [Fact]
    public async Task The_ETag_is_that_of_the_host_that_sends_the_bytes()
    {
        await using var store = new FileServer();
        store.Add("/blob", Old);
        store.OnRequest = request => request.ServeAsync("ETag: \"store\"", "X-Linked-Etag: \"linked\"");
        _server.OnRequest = request => request.SayAsync("302 Found", $"Location: {store.Address("/blob")}", "ETag: \"hub\"", "X-Linked-Etag: \"linked\"");

        await FetchAsync(Old);

        store.Requests.Skip(1).Should().NotBeEmpty().And.OnlyContain(request => request.Header("If-Match") == "\"store\"");
        _server.Requests.Should().OnlyContain(request => request.Header("If-Match") == null);
    }

    [Theory]
    [InlineData("ETag: \"one\"", "ETag: \"two\"")]
    [InlineData("ETag: W/\"one\"", "ETag: W/\"two\"")]
    [InlineData("Last-Modified: Wed, 01 May 2024 10:00:00 GMT", "Last-Modified: Thu, 02 May 2024 10:00:00 GMT")]
    public async Task A_file_that_is_replaced_half_way_is_the_new_one_as_a_whole(string before, string after)
    {
        _server.OnRequest = request =>
        {
            request.Content = request.Number < 3 ? Old : New;
            return request.ServeAsync(request.Number < 3 ? before : after);
        };

        var digests = await _engine.RunAsync(_engine.Item(_server, Path, Old, hasDigest: false));

        _engine.Published(Path).Should().Equal(New);
        digests.Values.Should().Equal(Convert.ToHexStringLower(SHA256.HashData(New)));
        _engine.Meter.RetriesFor(RetryCause.Changed).Should().Be(1);
    }

    [Fact]
    public async Task A_412_starts_the_file_once_again()
    {
        _server.OnRequest = request => request.Number == 3 ? request.SayAsync("412 Precondition Failed") : request.ServeAsync("ETag: \"one\"");

        await FetchAsync(Old);

        _server.AskedOf(Path).Count(span => span.From == 0).Should().Be(2);
        _server.Requests.ElementAt(3).Header("If-Match").Should().BeNull("what is there now is taken as it is");
    }

    [Fact]
    public async Task A_file_that_changes_all_the_time_is_given_up()
    {
        _server.OnRequest = request => request.ServeAsync($"ETag: \"{request.Number}\"");

        var failure = await _engine.FailAsync(_engine.Item(_server, Path, Old));

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("changed at its source twice");
        _engine.HasPublished(Path).Should().BeFalse();
    }

    [Fact]
    public async Task A_file_that_changed_after_it_was_listed_is_given_up_and_asked_for_by_its_ETag()
    {
        _server.OnRequest = request => request.ServeAsync("ETag: \"two\"");

        var failure = await _engine.FailAsync(_engine.Item(_server, Path, Old, hasDigest: false, validator: "\"one\""));

        failure.Code.Should().Be(ExitCode.WrongContent);
        _server.Requests.Should().HaveCount(2).And.OnlyContain(request => request.Header("If-Match") == "\"one\"");
    }

    [Fact]
    public async Task An_answer_of_the_old_file_that_comes_late_does_not_pass_for_the_new_one()
    {
        using var engine = new EngineAtWork { Connections = 2 };
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cameLate = false;
        var held = 0;
        _server.OnRequest = async request =>
        {
            if (request.Number == 1)
            {
                await request.ServeAsync("ETag: \"one\"");
                return;
            }

            if (Interlocked.Increment(ref held) == 1)
            {
                // The old file's head comes only after the other stream has learnt that there is a new one.
                await late.Task.WaitAsync(request.Stop);
                cameLate = true;
                request.Content = Old;
                await request.ServeAsync("ETag: \"one\"");
                return;
            }

            request.Content = New;
            if (request.Header("If-Match") is null or "\"two\"")
            {
                await request.ServeAsync("ETag: \"two\"");
                return;
            }

            await request.SayAsync("412 Precondition Failed");
            late.TrySetResult();
        };

        await engine.RunAsync(engine.Item(_server, Path, Old, hasDigest: false));

        cameLate.Should().BeTrue();
        engine.Published(Path).Should().Equal(New);
    }

    [Theory]
    [InlineData("Content-Range: bytes */{0}")]
    [InlineData("X-Nothing: here")]
    [InlineData("Content-Range: bytes */17")]
    public async Task A_416_starts_the_file_once_again_and_the_next_one_ends_it(string header)
    {
        header = string.Format(System.Globalization.CultureInfo.InvariantCulture, header, Old.Length);
        _server.OnRequest = request => request.Number == 2 ? request.SayAsync("416 Range Not Satisfiable", header) : request.ServeAsync();
        await FetchAsync(Old);
        _server.AskedOf(Path).Count(span => span.From == 0).Should().Be(2);

        var always = _engine.Item(_server, "/other.safetensors", New);
        _server.OnRequest = request => request.Span.From > 0 ? request.SayAsync("416 Range Not Satisfiable", header) : request.ServeAsync();
        (await _engine.FailAsync(always)).Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task Where_all_bytes_are_there_already_they_are_verified_and_nobody_is_asked()
    {
        var item = _engine.Item(_server, Path, Old);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(_engine.Target(Path))!)!);
        await File.WriteAllTextAsync(System.IO.Path.GetDirectoryName(_engine.Target(Path))!, "in the way", TestContext.Current.CancellationToken);
        await this.Awaiting(_ => _engine.RunAsync(item)).Should().ThrowAsync<IOException>("it can't be published");
        File.Delete(System.IO.Path.GetDirectoryName(_engine.Target(Path))!);
        var asked = _server.Requests.Count;
        _server.OnRequest = request => request.SayAsync("416 Range Not Satisfiable", $"Content-Range: bytes */{Old.Length}");

        await FetchAsync(Old);

        _server.Requests.Should().HaveCount(asked);
    }

    private async Task FetchAsync(byte[] content)
    {
        await _engine.RunAsync(_engine.Item(_server, Path, content));
        _engine.Published(Path).Should().Equal(content);
    }
}
