using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Preview;

namespace Stevedore.Webhook.Commands;

/// <summary><c>inject</c>: the same mutation on a file.</summary>
internal static class InjectCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal console)
    {
        var file = new Option<string>("--filename", "-f") { Required = true, HelpName = "FILE", Description = "YAML or JSON; - is standard input." };
        var place = new Option<string>("--namespace", "-n")
        {
            HelpName = "NAME",
            Description = "Namespace of objects that name none.",
            DefaultValueFactory = _ => "default",
        };
        var labels = new Option<IReadOnlyDictionary<string, string>>("--namespace-labels")
        {
            HelpName = "k=v,…",
            Description = "Labels of the namespace.",
            DefaultValueFactory = _ => new Dictionary<string, string>(),
            CustomParser = given => WebhookCommandLine.Read(given, Labels),
        };
        var detected = new Option<bool>("--detected") { Description = "Play the door of labelled namespaces; without it, that of pods that ask themselves." };
        var output = new Option<PreviewOutput>("--output", "-o")
        {
            HelpName = "yaml|json|patch",
            Description = "What to print; for several objects, patch is an array of {object, patch}.",
            DefaultValueFactory = _ => PreviewOutput.Yaml,
            CustomParser = given => WebhookCommandLine.Read(given, Output),
        };
        var policy = new Option<string>("--policy") { HelpName = "FILE", Description = "ModelCachePolicies, YAML or JSON; without it, the built-in rules." };
        var image = WebhookCommandLine.FetcherImage();
        var inject = new Command("inject", "Prints what the webhook makes of pods and workloads. Exit 0 injected or skipped, 65 denied, 64 bad input.")
        {
            file, policy, place, labels, detected, output, image,
        };
        inject.SetAction(parsed =>
        {
            if (!TryLoad(parsed.GetValue(policy), console, out var policies))
                return (int)ExitCode.Usage;
            var settings = new PreviewSettings(
                parsed.GetRequiredValue(file),
                parsed.GetValue(detected) ? Door.Detected : Door.Explicit,
                parsed.GetRequiredValue(place),
                parsed.GetRequiredValue(labels),
                parsed.GetValue(output),
                new InjectionSettings(parsed.GetRequiredValue(image)));
            var injector = new PodInjector(settings.Injection, FixedServerVersion.Unknown);
            return (int)new Previewer(request => injector.Answer(request, policies), settings, console).Run();
        });
        return inject;
    }

    private static bool TryLoad(string? path, Terminal console, out PolicySet policies)
    {
        policies = PolicySet.Empty;
        if (path is null)
            return true;
        var file = new PolicyFile(path);
        foreach (var problem in file.Load())
            console.Tell($"{path}: {problem}");
        policies = file.Current;
        return file.IsLoaded;
    }

    private static Parsed<PreviewOutput> Output(string text) =>
        Enum.TryParse<PreviewOutput>(text, ignoreCase: true, out var output) && Enum.IsDefined(output) && !char.IsAsciiDigit(text[0])
            ? output
            : Parsed<PreviewOutput>.Wrong($"-o is yaml, json or patch, not \"{text}\".");

    private static Parsed<IReadOnlyDictionary<string, string>> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !labels.TryAdd(pair[..equals], pair[(equals + 1)..]))
            {
                return Parsed<IReadOnlyDictionary<string, string>>.Wrong(
                    $"\"{pair}\" is not a label of its own; write --namespace-labels stevedore.dev/inject=enabled,team=search.");
            }
        }

        return labels;
    }
}
