using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;

namespace Stevedore.Demo.Steps;

/// <summary>Step: what lies in the pod's volumes now.</summary>
internal static class ShowVolumes
{
    public static void Run(Scene scene, InjectedRun container)
    {
        scene.Head("What lies in the pod's volumes now");
        foreach (var (mountPath, folder) in container.Mounts)
        {
            var name = Path.GetFileName(folder);
            scene.Stage.Show(FolderTree.Of(scene.Stage, folder, $"{name} (the pod sees it at {mountPath})"));
        }
    }
}
