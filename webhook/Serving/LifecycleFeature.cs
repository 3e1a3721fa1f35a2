using Microsoft.AspNetCore.Connections.Features;

namespace Stevedore.Webhook.Serving;

/// <summary>Registers how the server begins and ends.</summary>
internal static class LifecycleFeature
{
    /// <summary>Readiness, the review of itself, and the drain.</summary>
    public static void AddLifecycle(this IServiceCollection services, ServeSettings settings)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<Readiness>();
        services.AddSingleton<SelfReview>();
        services.AddSingleton<HealthEndpoints>();
        services.AddHostedService<Lifecycle>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Pause + Lifecycle.Finish);
    }

    /// <summary>
    /// Has clients leave with the answer they came for, before the listener closes under them: HTTP/1.1 by <c>Connection: close</c>, HTTP/2
    /// by a GOAWAY.
    /// </summary>
    public static void UseConnectionCloseWhileDraining(this WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        app.Use(next => context =>
        {
            if (readiness.IsDraining && HttpProtocol.IsHttp2(context.Request.Protocol))
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            else if (readiness.IsDraining)
                context.Response.Headers.Connection = "close";
            return next(context);
        });
    }
}
