using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;

namespace Stevedore.Webhook.Injection;

/// <summary>A name on a command line that is a model, or may become the name of one.</summary>
/// <param name="Workload">The container whose command line it is.</param>
/// <param name="Model">As the command line has it.</param>
/// <param name="Name">What its form says.</param>
internal sealed record ModelCandidate(Workload Workload, NamedModel Model, ModelName Name)
{
    /// <summary>
    /// When it may take a reference that nothing names: what can't be fetched by itself goes first, and the served model before what goes
    /// with it.
    /// </summary>
    public int Turn => this switch
    {
        { Model.Role: ModelRole.Model, Name: not ModelName.HubId { Reference: HubReference { Owner: not null } } } => 0,
        { Name: ModelName.Directory } => 1,
        _ => 2,
    };

    /// <summary>All of them, in the order in which they are written.</summary>
    public static IEnumerable<ModelCandidate> In(IReadOnlyList<Workload> workloads) =>
        from workload in workloads
        from line in workload.Command.Lines
        from model in line.Models
        select new ModelCandidate(workload, model, ModelName.Of(model.Text, workload));
}
