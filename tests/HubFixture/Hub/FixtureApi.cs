using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture.Hub;

/// <summary>
/// What another process may ask the fixture about itself, on the Hub's listener: <c>GET /_fixture/log</c> for the totals and
/// <c>POST /_fixture/reset</c> to forget them. Neither is logged, nor do faults strike them.
/// </summary>
internal sealed class FixtureApi(AccessLog log, CdnSite cdn)
{
    private const string Prefix = "/_fixture/";

    public static bool Concerns(HttpRequest request) => request.Path.Value?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    public Task HandleAsync(HttpContext http) => (http.Request.Method, http.Request.Path.Value) switch
    {
        ("GET", Prefix + "log") => http.Response.WriteAsJsonAsync(Totals(), http.RequestAborted),
        ("POST", Prefix + "reset") => Reset(http),
        _ => Missing(http),
    };

    private object Totals()
    {
        var exchanges = log.Snapshot();
        return new
        {
            bytesServed = exchanges.Where(exchange => exchange.IsContent).Sum(exchange => exchange.BytesSent),
            requests = exchanges.Count,
            tokensLeakedToCdn = cdn.TokensLeaked,
            paths = exchanges
                .GroupBy(exchange => (exchange.Listener, Path: exchange.File ?? exchange.Path))
                .Select(same => new
                {
                    listener = same.Key.Listener.ToString(),
                    path = same.Key.Path,
                    requests = same.Count(),
                    bytesSent = same.Sum(exchange => exchange.BytesSent),
                }),
        };
    }

    private Task Reset(HttpContext http)
    {
        log.Clear();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task Missing(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return http.Response.WriteAsync($"Ask for GET {Prefix}log or POST {Prefix}reset.", http.RequestAborted);
    }
}
