using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Cluster;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Commands;

/// <summary><c>serve</c>: the admission webhook, until SIGTERM.</summary>
internal static class ServeCommand
{
    /// <summary>The word for the cluster's own policies; a file of that name is <c>./cluster</c>.</summary>
    private const string FromCluster = "cluster";

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal console)
    {
        var listen = Url("--listen", "https", "https://0.0.0.0:8443", "Where reviews and health checks come in.");
        var metrics = Url("--metrics", "http", "http://0.0.0.0:8080", "Where /metrics is.");
        var certificates = new CertificateOptions();
        var image = WebhookCommandLine.FetcherImage();
        var pause = new Option<TimeSpan?>("--pause")
        {
            HelpName = "DURATION",
            Description = "How long to go on serving, unready, after SIGTERM. [default: 5s]",
            CustomParser = given => WebhookCommandLine.Read(given, Pause),
        };
        var policy = new Option<string>("--policy")
        {
            HelpName = "FILE|cluster",
            Description = "ModelCachePolicies, YAML or JSON, reread when it changes; or those of the cluster. Without it, the built-in rules alone.",
        };
        var kubeconfig = new Option<string>("--kubeconfig") { HelpName = "FILE", Description = "How to reach the API server. [default: the pod's ServiceAccount, else KUBECONFIG]" };
        var serve = new Command("serve", "Answers admission reviews.") { listen, metrics, policy, image, pause, kubeconfig };
        foreach (var option in certificates.All)
            serve.Options.Add(option);
        serve.Validators.Add(certificates.Validate);
        serve.SetAction((parsed, cancellation) =>
        {
            var settings = new ServeSettings(
                parsed.GetRequiredValue(listen),
                parsed.GetRequiredValue(metrics),
                parsed.GetValue(pause) ?? TimeSpan.FromSeconds(5),
                certificates.Source(parsed),
                new InjectionSettings(parsed.GetRequiredValue(image)))
            {
                Kubeconfig = parsed.GetValue(kubeconfig),
                PoliciesFromCluster = parsed.GetValue(policy) == FromCluster,
            };
            var file = parsed.GetValue(policy) is { } path && path != FromCluster ? new PolicyFile(path) : null;
            if (certificates.TryLoad(parsed, settings.Certificates, TimeProvider.System.GetUtcNow(), out var certificate, out var problem))
                return RunAsync(settings, certificate, file, console, cancellation);
            console.Tell(problem);
            return Task.FromResult((int)ExitCode.Usage);
        });
        return serve;
    }

    private static async Task<int> RunAsync(
        ServeSettings settings, ServingCertificate certificate, PolicyFile? policies, Terminal console, CancellationToken cancellation)
    {
        var problems = policies?.Load() ?? [];
        foreach (var wrong in problems)
            console.Tell($"{policies!.Path}: {wrong}");
        if (problems.Count > 0)
            return (int)ExitCode.Usage;

        try
        {
            await using var server = Server.Build(settings, certificate, policies);
            return await RunAsync(server, settings, console, cancellation);
        }
        catch (ClusterUnknownException e)
        {
            // A kubeconfig that is no good is the caller's mistake, and told as one.
            console.Tell(e.Message);
            return (int)ExitCode.Usage;
        }
    }

    private static async Task<int> RunAsync(WebApplication server, ServeSettings settings, Terminal console, CancellationToken cancellation)
    {
        try
        {
            // Before anything starts: whether there is an API server to talk to.
            if (settings.NeedsCluster)
                _ = server.Services.GetRequiredService<k8s.IKubernetes>();
            await server.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or HttpRequestException)
        {
            console.Tell($"can't serve: {e.Message}");
            return (int)ExitCode.Unavailable;
        }
        catch (OperationCanceledException) when (server.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while it still waited for its certificate or its policies.
            return (int)ExitCode.Done;
        }

        await server.WaitForShutdownAsync(cancellation);
        return (int)ExitCode.Done;
    }

    private static Option<ListenUrl> Url(string name, string scheme, string otherwise, string description) => new(name)
    {
        HelpName = "URL",
        Description = description,
        DefaultValueFactory = _ => ListenUrl.Parse(otherwise, scheme).OrThrow(),
        CustomParser = given => WebhookCommandLine.Read(given, text => ListenUrl.Parse(text, scheme)),
    };

    private static Parsed<TimeSpan> Pause(string text)
    {
        var pause = GoDuration.Parse(text);
        return pause.IsValid && pause.Value > TimeSpan.FromMinutes(1)
            ? Parsed<TimeSpan>.Wrong("--pause is at most 1m; a pod is killed 30 s after SIGTERM unless it says otherwise.")
            : pause;
    }
}
