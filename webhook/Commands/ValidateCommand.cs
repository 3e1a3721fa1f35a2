using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Webhook.Policies.Reading;

namespace Stevedore.Webhook.Commands;

/// <summary><c>validate</c>: whether a policy file is right, before it is rolled out.</summary>
internal static class ValidateCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal console)
    {
        var file = new Option<string>("--filename", "-f") { Required = true, HelpName = "FILE", Description = "YAML or JSON; - is standard input." };
        var validate = new Command("validate", "Tells all that is wrong with a file of ModelCachePolicies. Exit 0 valid, 65 not, 64 no such file.") { file };
        validate.SetAction(parsed => (int)Run(parsed.GetRequiredValue(file), console));
        return validate;
    }

    private static ExitCode Run(string path, Terminal console)
    {
        var shown = path == "-" ? "standard input" : path;
        PolicyTexts read;
        try
        {
            using var text = path == "-" ? null : new StreamReader(path, Terminal.Utf8);
            read = PolicyDocuments.Read(text ?? console.Input);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            console.Tell($"{shown}: {e.Message}");
            return ExitCode.Usage;
        }

        foreach (var problem in read.Problems)
            console.Tell($"{shown}: {problem}");
        if (read.Problems.Count > 0)
            return ExitCode.WrongContent;
        foreach (var policy in read.Policies)
            console.Output.WriteLine($"{policy.Name}: valid ({policy.Strategy}, priority {policy.Priority})");
        return ExitCode.Done;
    }
}
