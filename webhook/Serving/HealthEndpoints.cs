namespace Stevedore.Webhook.Serving;

/// <summary>What the kubelet asks: is it alive, and does it want requests.</summary>
internal sealed class HealthEndpoints(Readiness readiness)
{
    /// <summary>Alive as long as it answers at all: a restart mends nothing that readiness reports.</summary>
    public static Task LiveAsync(HttpContext context) => SayAsync(context, null);

    /// <summary>200, or 503 with the reason.</summary>
    public Task ReadyAsync(HttpContext context) => SayAsync(context, readiness.Hindrance);

    private static Task SayAsync(HttpContext context, string? hindrance)
    {
        context.Response.StatusCode = hindrance is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{hindrance ?? "ok"}\n", context.RequestAborted);
    }
}
