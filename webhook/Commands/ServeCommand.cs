using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Commands;

/// <summary><c>serve</c>: the admission webhook, until SIGTERM.</summary>
internal static class ServeCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal console)
    {
        var listen = Url("--listen", "https", "https://0.0.0.0:8443", "Where reviews and health checks come in.");
        var metrics = Url("--metrics", "http", "http://0.0.0.0:8080", "Where /metrics is.");
        var certificate = new Option<string>("--tls-cert") { HelpName = "FILE", Description = "Serving certificate, PEM; reread when it changes." };
        var key = new Option<string>("--tls-key") { HelpName = "FILE", Description = "Its private key, PEM." };
        var image = WebhookCommandLine.FetcherImage();
        var pause = new Option<TimeSpan?>("--pause")
        {
            HelpName = "DURATION",
            Description = "How long to go on serving, unready, after SIGTERM. [default: 5s]",
            CustomParser = given => WebhookCommandLine.Read(given, Pause),
        };
        var policy = new Option<string>("--policy")
        {
            HelpName = "FILE",
            Description = "ModelCachePolicies, YAML or JSON; reread when it changes. Without it, the built-in rules alone.",
        };
        var selfManaged = new Option<bool>("--self-managed-certificates") { Hidden = true };
        var serve = new Command("serve", "Answers admission reviews.") { listen, metrics, certificate, key, policy, image, pause, selfManaged };
        serve.Validators.Add(given =>
        {
            if (given.GetResult(selfManaged) is not null)
                given.AddError("--self-managed-certificates is not built yet; give a pair with --tls-cert and --tls-key (make certs issues one).");
            else if (given.GetResult(certificate) is null || given.GetResult(key) is null)
                given.AddError("A webhook is served over TLS alone; give a pair with --tls-cert and --tls-key (make certs issues one).");
        });
        serve.SetAction((parsed, cancellation) => RunAsync(
            new ServeSettings(
                parsed.GetRequiredValue(listen),
                parsed.GetRequiredValue(metrics),
                parsed.GetValue(pause) ?? TimeSpan.FromSeconds(5),
                new InjectionSettings(parsed.GetRequiredValue(image))),
            new CertificateFiles(parsed.GetRequiredValue(certificate), parsed.GetRequiredValue(key)),
            parsed.GetValue(policy) is { } file ? new PolicyFile(file) : null,
            console,
            cancellation));
        return serve;
    }

    private static async Task<int> RunAsync(
        ServeSettings settings, CertificateFiles files, PolicyFile? policies, Terminal console, CancellationToken cancellation)
    {
        var certificate = new ServingCertificate(files);
        if (!certificate.TryLoad(TimeProvider.System.GetUtcNow(), out var problem))
        {
            console.Tell(problem);
            return (int)ExitCode.Usage;
        }

        var problems = policies?.Load() ?? [];
        foreach (var wrong in problems)
            console.Tell($"{policies!.Path}: {wrong}");
        if (problems.Count > 0)
            return (int)ExitCode.Usage;

        await using var server = Server.Build(settings, certificate, policies);
        try
        {
            await server.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or HttpRequestException)
        {
            console.Tell($"can't serve: {e.Message}");
            return (int)ExitCode.Unavailable;
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
