using System.Text.Json;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>
/// How a fetcher signs what its pod uses in a shared cache, so that upkeep leaves it alone: <c>NAMESPACE/NAME/UID@NODE</c>, which nobody knows at
/// admission, and the kubelet puts together from the container's environment.
/// </summary>
internal static class FetcherMark
{
    /// <summary>The argument behind <c>--mark=</c>: the only one in which a variable is replaced.</summary>
    public const string Argument = "--mark=$(STEVEDORE_POD)";

    /// <summary>The variables, those that are referred to in front.</summary>
    public static readonly IReadOnlyList<EnvVariable> Variables =
    [
        Field("STEVEDORE_POD_UID", "metadata.uid"),
        Field("STEVEDORE_POD_NAMESPACE", "metadata.namespace"),
        Field("STEVEDORE_POD_NAME", "metadata.name"),
        Field("STEVEDORE_NODE", "spec.nodeName"),
        new("STEVEDORE_POD", "$(STEVEDORE_POD_NAMESPACE)/$(STEVEDORE_POD_NAME)/$(STEVEDORE_POD_UID)@$(STEVEDORE_NODE)"),
    ];

    private static EnvVariable Field(string name, string path) =>
        new(name, null, JsonElement.Parse($$"""
            {"name":"{{name}}","valueFrom":{"fieldRef":{"fieldPath":"{{path}}"} } }
            """));
}
