using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;

namespace Stevedore.Webhook.Injection;

/// <summary>What is fetched, and what the workloads call it.</summary>
/// <param name="References">The models: those of the annotation first, in its order.</param>
/// <param name="Aliases">Names and directories by which command lines call them.</param>
internal sealed record ModelSet(IReadOnlyList<ModelReference> References, IReadOnlyList<ModelAlias> Aliases)
{
    /// <summary>The most models that one pod may have.</summary>
    public const int Most = 32;
}
