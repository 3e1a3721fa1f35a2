using Stevedore.Demo.Pods;
using Stevedore.Demo.Steps;

namespace Stevedore.Demo;

/// <summary>The main job, end to end: an annotated vLLM pod goes in, a pod that finds its model on disk comes out.</summary>
internal sealed class DemoRun(Scene scene)
{
    /// <summary>Runs it, top to bottom.</summary>
    /// <exception cref="Programs.ProgramException">A step did not hold.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Overture.Show(scene);
        var review = RecordedReview.Read(scene.Checkout);

        var model = MakeModel.Run(scene);
        await using var hub = await ServeModel.RunAsync(scene, model, review, cancellationToken);
        var certificate = IssueCertificate.Run(scene);
        await using var webhook = await StartWebhook.RunAsync(scene, certificate, cancellationToken);

        var patch = await AskWebhook.RunAsync(scene, webhook, certificate, review, cancellationToken);
        var pod = PatchPod.Run(scene, review, patch);

        var cold = RunContainer.Prepare(scene, pod, hub, "pod-1");
        await RunContainer.ColdAsync(scene, cold, hub, model, cancellationToken);
        ShowVolumes.Run(scene, cold);
        await RunContainer.WarmAsync(scene, cold, hub, cancellationToken);

        var third = RunContainer.Prepare(scene, pod, hub, "pod-2");
        var killed = await KillHalfWay.RunAsync(scene, third, hub, model, cancellationToken);
        await Resume.RunAsync(scene, third, hub, model, killed, cancellationToken);
        LookAsVllm.Run(scene, pod, third, hub, review, model);

        await StopWebhook.RunAsync(scene, webhook, cancellationToken);
        scene.Close();
    }
}
