using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Cluster;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Serving;

/// <summary>The webhook server: what it is made of, and which path leads where.</summary>
internal static class Server
{
    /// <summary>Builds it, not yet started. The builder is the empty one: nothing in the working directory or the environment reconfigures it.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="certificate">The serving certificate; loaded, unless the replicas manage it themselves.</param>
    /// <param name="policies">The policy file, loaded; null for the built-in rules alone.</param>
    /// <param name="alter">What a test puts in the place of something; the program alters nothing.</param>
    public static WebApplication Build(ServeSettings settings, ServingCertificate certificate, PolicyFile? policies = null, Action<IServiceCollection>? alter = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "stevedore-webhook" });
        builder.AddOneLineLogs();
        builder.WebHost.AddListeners(settings, certificate);
        builder.Services.AddMetricsExporter();
        builder.Services.AddClusterClient(settings.Kubeconfig);
        builder.Services.AddCertificates(certificate, settings.Certificates);
        if (settings.PoliciesFromCluster)
            builder.Services.AddClusterPolicies();
        else
            builder.Services.AddPolicies(policies);
        builder.Services.AddAdmission(settings.Injection);
        builder.Services.AddLifecycle(settings);
        alter?.Invoke(builder.Services);

        var app = builder.Build();
        app.MapWhen(context => !context.Request.IsHttps, metrics => metrics.UseOpenTelemetryPrometheusScrapingEndpoint());
        app.UseConnectionCloseWhileDraining();
        app.Run(Route(app.Services));
        return app;
    }

    /// <summary>Six lines and no routing: this is walked thousands of times a second.</summary>
    private static RequestDelegate Route(IServiceProvider services)
    {
        var admission = services.GetRequiredService<AdmissionEndpoint>();
        var health = services.GetRequiredService<HealthEndpoints>();
        return context => context.Request.Path.Value switch
        {
            "/mutate/explicit" => admission.HandleAsync(Door.Explicit, context),
            "/mutate/detected" => admission.HandleAsync(Door.Detected, context),
            "/healthz" => HealthEndpoints.LiveAsync(context),
            "/readyz" => health.ReadyAsync(context),
            _ => NotFound(context),
        };
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
