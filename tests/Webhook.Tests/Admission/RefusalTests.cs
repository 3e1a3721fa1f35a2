using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Admission;

public sealed class RefusalTests
{
    private const string Explicit = "/mutate/explicit";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 400, "*goes wrong at $ (line 1, byte 1)*")]
    [InlineData("nonsense", 400, "*goes wrong at $ (line 1*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":1}}""", 400, "*goes wrong at $.request.uid (line 1*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a"}}garbage""", 400, "*goes wrong at $ (line 1*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a"}}{}""", 400, "*goes wrong*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","object":{"x":[1,2}}}""", 400, "*goes wrong at $ (line 1, byte 101)*")]
    [InlineData("null", 400, "*is nothing of nothing*")]
    [InlineData("{}", 400, "*is nothing of nothing*")]
    [InlineData("[]", 400, "*goes wrong at $*")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod"}""", 400, "The body is \"Pod\" of \"v1\"; this webhook answers AdmissionReview of admission.k8s.io/v1*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"a"}}""", 400, "*v1beta1*admissionReviewVersions: [v1]).")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""", 400, "*has no request.*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}""", 400, "*has no request.uid.*")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}}""", 400, "*has no request.uid.*")]
    public async Task A_body_that_is_no_review_is_told_so_and_logged_once(string body, int status, string sentence)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();
        using var content = Reviews.Body(body);

        using var answer = await client.PostAsync(new Uri(Explicit, UriKind.Relative), content, Cancellation);

        await ShouldBeRefused(server, answer, status, sentence);
    }

    [Fact]
    public async Task Text_that_is_no_UTF_8_is_refused_whole()
    {
        await using var server = await RunningServer.StartAsync(_ => RunningServer.Skip);
        using var client = server.Client();
        var bytes = System.Text.Encoding.UTF8.GetBytes(Reviews.Recorded.ToJsonString());
        bytes[bytes.AsSpan().IndexOf("vllm"u8)] = 0xff;
        using var body = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };

        using var answer = await client.PostAsync(new Uri("/mutate/explicit", UriKind.Relative), body, TestContext.Current.CancellationToken);

        ((int)answer.StatusCode).Should().Be(400);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Contain("no UTF-8");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/yaml")]
    [InlineData("application/jsonp")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused_with_415(string? type)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();
        using var content = Reviews.Body(Reviews.Recorded.ToJsonString(), type);

        using var answer = await client.PostAsync(new Uri(Explicit, UriKind.Relative), content, Cancellation);

        await ShouldBeRefused(server, answer, 415, $"*application/json, not as {(type is null ? "nothing" : $"\"{type}\"")}*");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task The_content_type_may_be_written_in_any_way(string type)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();
        using var content = Reviews.Body(Reviews.Recorded.ToJsonString(), type);

        using var answer = await client.PostAsync(new Uri(Explicit, UriKind.Relative), content, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Another_method_is_refused_with_405(string method)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), Explicit);

        using var answer = await client.SendAsync(request, Cancellation);

        answer.Content.Headers.Allow.Should().Equal("POST");
        await ShouldBeRefused(server, answer, 405, $"*POST, not with \"{method}\"*");
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", false)]
    [InlineData("2.0", true)]
    public async Task More_than_3_MiB_is_refused_with_413(string version, bool unknownLength)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client(Version.Parse(version));
        using var content = Reviews.Body(Padded((3 * 1024 * 1024) + 1));
        using var request = new HttpRequestMessage(HttpMethod.Post, Explicit)
        {
            Content = content,
            Version = client.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TransferEncodingChunked = unknownLength && version == "1.1" ? true : null;
        if (unknownLength)
            request.Content = new StreamContent(new Endless(content.ReadAsStream(Cancellation))) { Headers = { ContentType = content.Headers.ContentType } };

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        await ShouldBeRefused(server, answer, 413, "*at most 3 MiB*");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Exactly_3_MiB_is_answered(string version)
    {
        await using var server = await RunningServer.StartAsync(_ => RunningServer.Skip);
        using var client = server.Client(Version.Parse(version));
        using var content = Reviews.Body(Padded(3 * 1024 * 1024));

        using var answer = await client.PostAsync(new Uri(Explicit, UriKind.Relative), content, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_that_does_not_come_whole_in_the_callers_time_is_refused_with_408()
    {
        await using var server = await RunningServer.StartAsync();
        await using var tls = await ConnectAsync(server);

        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /mutate/explicit?timeout=1s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"kind\":"), Cancellation);

        (await ReadHeadAsync(tls)).Should().StartWith("HTTP/1.1 408");
        server.Logs.All.Should().ContainSingle(line => line.Contains("Refused a request with 408", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_in_many_pieces_is_put_together()
    {
        await using var server = await RunningServer.StartAsync(_ => RunningServer.Skip);
        await using var tls = await ConnectAsync(server);
        var body = Encoding.UTF8.GetBytes(Reviews.Recorded.ToJsonString());

        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /mutate/explicit?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), Cancellation);
        foreach (var piece in body.Chunk(97))
            await tls.WriteAsync(piece, Cancellation);

        (await ReadHeadAsync(tls)).Should().StartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task A_caller_that_hangs_up_in_the_middle_leaves_no_error_behind()
    {
        await using var server = await RunningServer.StartAsync();
        await using (var tls = await ConnectAsync(server))
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes(
                "POST /mutate/explicit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"), Cancellation);
        }

        await server.Logs.UntilAsync("its body ended early", Cancellation, or: "gone before its answer");
        server.Logs.All.Should().NotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static async Task ShouldBeRefused(RunningServer server, HttpResponseMessage answer, int status, string sentence)
    {
        ((int)answer.StatusCode).Should().Be(status);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/plain");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        text.TrimEnd('\n').Should().Match(sentence).And.NotContain("\n").And.NotContain("Exception").And.EndWith(".");
        server.Logs.All.Should().ContainSingle(line => line.Contains("Refused", StringComparison.Ordinal)).Which.Should().StartWith($"Warning Refused a request with {status}: ");
        server.Logs.All.Should().NotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static string Padded(int length)
    {
        var review = Reviews.Recorded;
        review["request"]!["object"]!["metadata"]!["annotations"]!["padding"] = "";
        review["request"]!["object"]!["metadata"]!["annotations"]!["padding"] = new string('x', length - review.ToJsonString().Length);
        return review.ToJsonString();
    }

    private static async Task<SslStream> ConnectAsync(RunningServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, Cancellation);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(server.Certificates.Trusting(), Cancellation);
        return tls;
    }

    private static async Task<string> ReadHeadAsync(SslStream tls)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var head = new byte[4096];
        return Encoding.ASCII.GetString(head, 0, await tls.ReadAsync(head, deadline.Token));
    }

    /// <summary>A stream that does not tell its length beforehand.</summary>
    private sealed class Endless(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
