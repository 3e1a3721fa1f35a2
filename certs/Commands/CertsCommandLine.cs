using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Commands;

/// <summary>The command line of <c>stevedore-certs</c>.</summary>
internal static class CertsCommandLine
{
    private const int Usage = 64;
    private const int CannotWrite = 73;
    private const int LongestDays = 3650;

    /// <summary>Parses and runs.</summary>
    /// <returns>0 done, 64 for a wrong command line, 73 where the folder can't be written.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, TimeProvider clock)
    {
        var root = new RootCommand("Issues serving certificates for Stevedore's webhook.") { Issue(error, clock) };
        var parsed = root.Parse(arguments);
        foreach (var problem in parsed.Errors)
            error.WriteLine($"stevedore-certs: {problem.Message}");
        return parsed.Errors.Count > 0 ? Usage : parsed.Invoke(new InvocationConfiguration { Output = output, Error = error });
    }

    private static Command Issue(TextWriter error, TimeProvider clock)
    {
        var folder = new Option<string>("--out") { Required = true, HelpName = "DIR", Description = "Folder for ca.crt, tls.crt and tls.key." };
        var dns = new Option<string[]>("--dns") { HelpName = "NAME", Description = "A DNS name of the server; may be repeated." };
        var ip = new Option<string[]>("--ip") { HelpName = "ADDR", Description = "An IP address of the server; may be repeated." };
        var days = new Option<int>("--days")
        {
            HelpName = "N",
            Description = "How many days the certificate is valid.",
            DefaultValueFactory = _ => 365,
            CustomParser = Days,
        };
        var force = new Option<bool>("--force") { Description = "Issue anew although what is there still serves." };
        var issue = new Command("issue", $"Makes an authority and a serving certificate (by default for {ServingNames.Default}).")
        {
            folder, dns, ip, days, force,
        };
        issue.SetAction(parsed =>
        {
            if (!TryNames(parsed.GetValue(dns) ?? [], parsed.GetValue(ip) ?? [], out var names, out var problem))
            {
                error.WriteLine($"stevedore-certs: {problem}");
                return Usage;
            }

            var lifetime = TimeSpan.FromDays(parsed.GetValue(days));
            return Issue(new IssueSettings(parsed.GetRequiredValue(folder), names, lifetime, parsed.GetValue(force)), error, clock);
        });
        return issue;
    }

    private static int Days(ArgumentResult given)
    {
        if (int.TryParse(given.Tokens[0].Value, out var days) && days is >= 1 and <= LongestDays)
            return days;
        given.AddError($"--days must be a number from 1 to {LongestDays}, not \"{given.Tokens[0].Value}\".");
        return default;
    }

    private static bool TryNames(
        string[] dns, string[] ip, [NotNullWhen(true)] out ServingNames? names, [NotNullWhen(false)] out string? problem)
    {
        (names, problem) = (ServingNames.Default, null);
        return dns.Length + ip.Length == 0 || ServingNames.TryParse(dns, ip, out names, out problem);
    }

    private static int Issue(IssueSettings settings, TextWriter error, TimeProvider clock)
    {
        var folder = new CertificateFolder(settings.Folder);
        try
        {
            if (!settings.Force && folder.Serves(settings.Names, clock.GetUtcNow()) is { } expires)
            {
                error.WriteLine($"Kept the certificate in {settings.Folder}: it serves until {expires:u} (--force replaces it).");
                return 0;
            }

            using var authority = CertificateAuthority.Create(settings.Lifetime, clock);
            folder.Replace(authority.CertificatePem, authority.Issue(settings.Names, settings.Lifetime));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"stevedore-certs: can't write {settings.Folder}: {e.Message.TrimEnd('.')}; choose another folder with --out.");
            return CannotWrite;
        }

        error.WriteLine($"Issued a certificate for {settings.Names} in {settings.Folder}, valid for {settings.Lifetime.TotalDays:0} days.");
        return 0;
    }
}
