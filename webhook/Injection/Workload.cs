using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>A container that reads models.</summary>
/// <param name="Container">The container, without what an earlier injection added to it.</param>
/// <param name="Environment">Its environment as far as the pod shows it.</param>
/// <param name="Command">What its command line says.</param>
internal sealed record Workload(Container Container, ContainerEnvironment Environment, WorkloadCommand Command)
{
    /// <summary>Its name inside a warning.</summary>
    public string Quoted => $"\"{AdmissionWarnings.Excerpt(Container.Name)}\"";

    /// <summary>The directories that its command line names.</summary>
    public IEnumerable<string> Directories => Command.Lines.SelectMany(line => line.Models)
        .Select(model => ModelName.Of(model.Text, this)).OfType<ModelName.Directory>().Select(directory => directory.Path).Distinct();

    /// <summary>Reads a container.</summary>
    public static Workload Of(Container container, bool isChosen)
    {
        var environment = new ContainerEnvironment(container);
        return new Workload(container, environment, WorkloadCommand.Of(container, environment, isChosen));
    }

    /// <summary>Whether one of the container's own mounts shows the path.</summary>
    public bool Shows(string path) => MountPath.Showing(Container.Mounts, path) is not null;

    /// <summary>The container's own mount that is, contains or lies inside the path; null where the path is free.</summary>
    public VolumeMount? TakenBy(string path) =>
        Container.Mounts.FirstOrDefault(mount => MountPath.Touches(MountPath.Normalise(mount.Path), path));
}
