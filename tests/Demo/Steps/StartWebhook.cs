using Stevedore.Programs;

namespace Stevedore.Demo.Steps;

/// <summary>Step: the published webhook serves over TLS.</summary>
internal static class StartWebhook
{
    public static async Task<WebhookProgram> RunAsync(Scene scene, ServingCertificate certificate, CancellationToken cancellationToken)
    {
        var step = scene.Begin("The webhook, over TLS", "start the webhook");
        var webhook = await WebhookProgram.StartAsync(scene.Checkout, certificate, cancellationToken);
        step.Close("until its own review went through");
        scene.Stage.Facts(("ready at", $"{webhook.Address.OriginalString} (process {webhook.Id})"));
        return webhook;
    }
}

/// <summary>Last step: the webhook is told to stop and does.</summary>
internal static class StopWebhook
{
    public static async Task RunAsync(Scene scene, WebhookProgram webhook, CancellationToken cancellationToken)
    {
        var step = scene.Begin("The webhook is told to stop", "stop the webhook");
        var end = await webhook.StopAsync(cancellationToken);
        Scene.Require(end.Code == 0, $"The webhook ended with exit code {end.Code} after SIGTERM, not with 0.");
        step.Close("SIGTERM, exit code 0");
        scene.Stage.Facts(("SIGTERM", $"exit code {end.Code}; nothing is left running"));
    }
}
