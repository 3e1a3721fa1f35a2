using Stevedore.Contract.References;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary><c>Image</c>: the kubelet pulls the model as it pulls images, and mounts it; nothing of ours runs in the pod.</summary>
internal sealed class ImagePlanner : IStrategyPlanner
{
    /// <inheritdoc/>
    public Step<StrategyPlan> Plan(PlanRequest request)
    {
        if (SchemeRefusal.Of(request, model => model is ImageReference or ClaimReference, "mounts oci:// and pvc:// models") is { } refused)
            return refused;
        if (request.Server is { } server)
            Warn(request, server);
        return new MountedModels(request, [.. MountedModels.In(request.Models.References)]).PlanAlone();
    }

    /// <summary>
    /// The server's version proves neither its feature gate nor the container runtime, so this is a warning. (KEP-4639: alpha in 1.31, beta and off in
    /// 1.33, on by default from 1.35.)
    /// </summary>
    private static void Warn(PlanRequest request, Version server)
    {
        if (server < new Version(1, 31))
            request.Warnings.Add($"Kubernetes {server.Major}.{server.Minor} has no image volumes (1.31 is the first): this pod will be refused");
        else if (server < new Version(1, 35))
            request.Warnings.Add($"Kubernetes {server.Major}.{server.Minor} mounts images only where its feature gate ImageVolume is on");
    }
}
