using System.CommandLine;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Commands;

/// <summary>What a person asked for, or the sentence about what is wrong with it.</summary>
internal static class CommandLineParser
{
    // "@file" would be replaced by the file's content, and "-abc" read as three options: neither belongs to this command line.
    private static readonly ParserConfiguration Plain = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Reads arguments.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments) => root.Parse(arguments, Plain);

    /// <summary>The first thing that is wrong with the command line, as one sentence; null when nothing is.</summary>
    public static string? ProblemOf(ParseResult result)
    {
        var verb = result.CommandResult.Command.Name;
        var unmatched = result.UnmatchedTokens;
        if (unmatched.Count > 0)
        {
            var unknown = result.CommandResult.Command is RootCommand
                ? unmatched[0]
                : unmatched.FirstOrDefault(token => token.StartsWith('-'), unmatched[0]);
            return unknown.StartsWith('-')
                ? $"{unknown} is not an option of {verb}; {verb} --help lists them."
                : result.CommandResult.Command is RootCommand
                    ? $"{Quoted.Text(unknown)} is not a command; use fetch, verify, list, prune or mirror, and --help to read about them."
                    : $"{verb} takes no {Quoted.Text(unknown)}; {verb} --help shows how it is used.";
        }

        if (result.CommandResult.Command is RootCommand)
            return "No command is given; use fetch, verify, list, prune or mirror, and --help to read about them.";
        return result.Errors.Count == 0 ? null : result.Errors[0].Message.TrimEnd('.') + $"; {verb} --help shows how it is used.";
    }

    /// <summary>Positional texts; what looks like an option among them is one that nobody knows.</summary>
    public static Parsed<IReadOnlyList<string>> Positional(ParseResult result, Argument<string[]> argument)
    {
        var texts = result.GetValue(argument) ?? [];
        return Array.Find(texts, text => text.StartsWith('-')) is { } option
            ? Parsed<IReadOnlyList<string>>.Wrong(
                $"{option} is not an option of {result.CommandResult.Command.Name}; {result.CommandResult.Command.Name} --help lists them.")
            : texts;
    }
}
