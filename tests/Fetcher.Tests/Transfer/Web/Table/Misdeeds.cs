using System.Text;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>What servers do to forty small files, and what must be survived.</summary>
internal static class Misdeeds
{
    /// <summary>Longer than the client of these tests waits for an answer.</summary>
    private static readonly TimeSpan TooLate = TimeSpan.FromSeconds(2.5);

    /// <summary>By what the server does.</summary>
    public static IReadOnlyDictionary<string, Func<FileRequest, Task>> All { get; } = new Dictionary<string, Func<FileRequest, Task>>
    {
        ["closes behind each first answer"] = async request =>
        {
            await request.ServeAsync();
            request.Close();
        },
        ["says in the middle that it closes"] = async request =>
        {
            var closes = request.NumberOnConnection == 3;
            await request.ServeAsync(closes ? ["Connection: close"] : []);
            if (closes)
                request.Close();
        },
        ["says that it closes and goes on all the same"] = request => request.ServeAsync(request.NumberOnConnection == 3 ? ["Connection: close"] : []),
        ["resets in the middle"] = async request =>
        {
            if (request.NumberOnConnection % 5 == 4)
                request.Reset();
            else
                await request.ServeAsync();
        },
        ["truncates each third answer"] = async request =>
        {
            if (request.NumberOnConnection == 3)
            {
                await request.ServeAsync(request.Span, (int)request.Span.Length / 2);
                request.Close();
                return;
            }

            await request.ServeAsync();
        },
        ["stalls within an answer"] = async request =>
        {
            if (request.Number != 5)
            {
                await request.ServeAsync();
                return;
            }

            await request.ServeAsync(request.Span, (int)request.Span.Length / 2);
            await request.HangAsync();
        },
        ["sends garbage between answers"] = async request =>
        {
            var garbage = request.NumberOnConnection == 2 ? "\0\r\n\r\nneither here nor there\r\n\r\n" : "";
            await request.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(request.HeadOf(request.Span)), .. request.Content!, .. Encoding.ASCII.GetBytes(garbage)]);
        },
        ["speaks HTTP/1.0"] = async request =>
        {
            await request.SendAsync(request.HeadOf(request.Span).Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal));
            await request.SendAsync(request.Content!);
            request.Close();
        },
        ["forgets what was sent ahead"] = async request =>
        {
            await request.ForgetOthersAsync();
            await request.ServeAsync();
        },
        ["answers too late, and goes on"] = async request =>
        {
            if (request.Number == 5)
                await Task.Delay(TooLate, request.Stop);
            await request.ServeAsync();
        },
        ["sends its answers in small pieces"] = async request =>
        {
            var answer = (byte[])[.. Encoding.ASCII.GetBytes(request.HeadOf(request.Span)), .. request.Content!];
            for (var at = 0; at < answer.Length; at += at < 100 ? 7 : 1999)
                await request.SendAsync(answer.AsMemory(at, Math.Min(at < 100 ? 7 : 1999, answer.Length - at)));
        },
        ["answers 503 once"] = request => request.Number == 5 ? request.SayAsync("503 Service Unavailable", "Retry-After: 0") : request.ServeAsync(),
        ["answers 503 with a body and closes"] = async request =>
        {
            if (request.NumberOnConnection != 3)
            {
                await request.ServeAsync();
                return;
            }

            await request.SendAsync("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 9\r\n\r\noverload.");
            request.Close();
        },
        ["answers once with another length"] = async request =>
        {
            if (request.Number == 5)
                await request.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nodd");
            else
                await request.ServeAsync();
        },
        ["answers once with a range that nobody asked for"] = async request =>
        {
            if (request.Number == 5)
                await request.SendAsync($"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-5/{request.Content!.Length}\r\nContent-Length: 3\r\n\r\nodd");
            else
                await request.ServeAsync();
        },
        ["announces its answers with 103"] = async request =>
        {
            await request.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
            await request.ServeAsync();
        },
        ["answers in chunks"] = async request =>
        {
            await request.SendAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{request.Content!.Length:x}\r\n");
            await request.SendAsync(request.Content);
            await request.SendAsync("\r\n0\r\n\r\n");
        },
    };
}
