using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Commands;

/// <summary><c>verify [REF...] --cache DIR</c>: hashes what is published again; a bad blob is withdrawn and named.</summary>
internal sealed class VerifyVerb
{
    /// <summary>The verb.</summary>
    public const string Name = "verify";

    private readonly Argument<string[]> _references = new("REF")
    {
        Description = "The models to verify (default: all of the cache)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _cache = new("--cache") { HelpName = "DIR", Description = "The cache's root", Required = true };

    /// <summary>The command for the parser.</summary>
    public Command Command() => new(Name, "Hash what is published again; what has rotted is withdrawn, and the next fetch repairs it") { _references, _cache };

    /// <summary>Verifies, prints a line for each version, and says how it ended.</summary>
    public Ending Run(ParseResult result, TextWriter output, ProgressReporter log, FetchMeter meter, CancellationToken cancellationToken)
    {
        var references = CommandLineParser.Positional(result, _references);
        if (!references.IsValid)
            return new Ending(ExitCode.Usage, references.Error);
        var parsed = references.Value.Select(ModelReference.Parse).ToList();
        if (parsed.Find(reference => !reference.IsValid) is { Error: { } mistake })
            return new Ending(ExitCode.Usage, mistake);
        var wanted = parsed.Select(reference => reference.OrThrow()).ToList();
        if (wanted.Find(reference => reference is ClaimReference or ImageReference) is { } mounted)
            return new Ending(ExitCode.Usage, $"{mounted} is mounted where it lies and never in a cache; name a model that was fetched.");

        var cache = CacheFolder.Existing(result.GetValue(_cache)!);
        var verify = new VerifyFlow(cache, meter);
        var findings = verify.Run(wanted, cancellationToken);
        foreach (var (_, completion, wrong, isWithdrawn) in findings)
        {
            foreach (var (file, problem, _, _, _) in wrong)
                log.Warn($"{file.Path} of {completion.Reference} ({completion.Version}) {(isWithdrawn ? "is withdrawn" : "is wrong, and the volume refuses to withdraw it")}: {problem}.");
            output.WriteLine($"{(wrong.Count == 0 ? "ok" : "bad")}\t{completion.Reference}\t{completion.Version}\t{Count(completion.Files.Count)}");
        }

        var bad = findings.Sum(finding => finding.Wrong.Count);
        if (findings.Any(finding => finding.Wrong.Count > 0 && !finding.IsWithdrawn))
        {
            return new Ending(
                ExitCode.WrongContent,
                $"{Count(bad)} in {cache.Root} are not what they should be and could not all be withdrawn; run verify where the volume can be written.");
        }

        if (bad > 0)
        {
            return new Ending(
                ExitCode.WrongContent,
                $"{Count(bad)} in {cache.Root} had to be withdrawn, since the content was not what it should be; fetch the models again to repair them.");
        }

        var missing = wanted.Where(reference => !findings.Any(finding => verify.IsMeant(reference, finding.Folder, finding.Completion))).ToList();
        return missing.Count == 0
            ? Ending.Well
            : new Ending(ExitCode.NotFound, $"Nothing of {string.Join(", ", missing)} is complete in {cache.Root}; fetch it first, or look with list.");
    }

    private static string Count(int files) => files == 1 ? "1 file" : $"{files} files";
}
