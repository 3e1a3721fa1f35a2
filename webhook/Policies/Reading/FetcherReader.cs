using System.Text.Json;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>Reads <c>fetcher</c>.</summary>
internal static class FetcherReader
{
    private const int MostConnections = 256;
    private const int MostVariables = 64;
    private const int LargestId = int.MaxValue;

    /// <summary>Reads it.</summary>
    public static FetcherRules Read(Fields fetcher, PolicyProblems problems)
    {
        var user = fetcher.Object("securityContext");
        var env = fetcher.Objects("env", MostVariables, Variable);
        var twice = env.GroupBy(variable => variable.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            fetcher.Wrong("env", $"sets {twice} twice; write it once.");
        return new FetcherRules
        {
            Image = fetcher.Parse("image", ImageName),
            ImagePullPolicy = fetcher.Choice<ImagePullPolicy>("imagePullPolicy"),
            Resources = ResourcesReader.Read(fetcher, problems),
            Connections = (int)(fetcher.Number("connections", 1, MostConnections) ?? FetchCommand.DefaultConnections),
            Verification = fetcher.Choice<Verification>("verification") ?? Verification.Size,
            Wait = fetcher.Value("wait", GoDuration.Parse),
            Env = env,
            RunAsUser = user.Number("runAsUser", 1, LargestId) ?? FetcherRules.DefaultUser,
            RunAsGroup = user.Number("runAsGroup", 1, LargestId) ?? FetcherRules.DefaultUser,
        };
    }

    private static EnvVariable? Variable(Fields variable, JsonElement json)
    {
        var name = variable.Required("name", variable.Parse("name", KubernetesNames.Variable), "name the variable");
        var value = variable.Anything("value");
        var reference = variable.Verbatim("valueFrom");
        if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String))
            variable.Wrong("value", "must be a text; put it in quotes.");
        if (value.ValueKind != JsonValueKind.Undefined && reference is not null)
            variable.Wrong("valueFrom", "stands beside a value; write one of the two.");
        return name is null ? null : new EnvVariable(name, value.ValueKind == JsonValueKind.String ? value.GetString() : null, json.Clone());
    }

    private static Parsed<string> ImageName(string text) => text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        ? Parsed<string>.Wrong($"{Quoted.Text(text)} is no name of an image; write one such as registry.internal/stevedore/fetcher:0.1.0.")
        : text;
}
