using System.CommandLine;
using System.Net;
using System.Security.Authentication;

namespace Stevedore.LoadClient;

/// <summary>The command line of the load client.</summary>
internal static class LoadCommandLine
{
    private const int Usage = 64;

    /// <summary>Parses and runs.</summary>
    /// <returns>0 when every review got its answer, 1 when one did not, 64 for a wrong command line.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var url = new Option<string>("--url") { Required = true, HelpName = "URL", Description = "https://localhost:8443/mutate/explicit; loopback only." };
        var ca = new Option<string>("--ca") { Required = true, HelpName = "FILE", Description = "The authority to trust, PEM." };
        var rate = Number("--rate", 500, LoadSettings.MostRate, "Reviews a second.");
        var seconds = Number("--seconds", 20, LoadSettings.MostSeconds, "How long.");
        var connections = Number("--connections", 16, LoadSettings.MostConnections, "Kept-alive connections.");
        var turnover = Number("--reviews-a-connection", int.MaxValue, int.MaxValue, "After how many reviews a connection is made anew.");
        var review = new Option<string[]>("--review")
        {
            Required = true,
            HelpName = "FILE",
            Description = "Recorded review; several are taken in turn.",
            AllowMultipleArgumentsPerToken = true,
        };
        var root = new RootCommand("Sends admission reviews at a constant rate over TLS and says how long each waited.")
        {
            url, ca, rate, seconds, connections, turnover, review,
        };
        url.Validators.Add(given =>
        {
            if (Target(given.GetValueOrDefault<string>()) is null)
                given.AddError("--url must be https on this machine: localhost, 127.0.0.1 or [::1].");
        });
        root.SetAction((parsed, stop) => RunAsync(
            new LoadSettings(
                Target(parsed.GetRequiredValue(url))!,
                parsed.GetRequiredValue(ca),
                parsed.GetValue(rate),
                parsed.GetValue(seconds),
                parsed.GetValue(connections),
                parsed.GetRequiredValue(review))
            {
                ReviewsAConnection = parsed.GetValue(turnover),
            },
            output,
            error,
            stop));
        var parsed = root.Parse(arguments);
        foreach (var problem in parsed.Errors)
            error.WriteLine($"load: {problem.Message}");
        return parsed.Errors.Count > 0
            ? Task.FromResult(Usage)
            : parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, cancellation);
    }

    private static async Task<int> RunAsync(LoadSettings settings, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            var report = await new ConstantRate(settings).RunAsync(cancellation);
            report.Print(output);
            return report.Failed == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or AuthenticationException or UnauthorizedAccessException)
        {
            error.WriteLine($"load: {settings.Url} can't be reached: {e.Message}");
            return 1;
        }
    }

    private static Uri? Target(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps
        && (url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))
        ? url
        : null;

    private static Option<int> Number(string name, int otherwise, int most, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = given =>
        {
            if (int.TryParse(given.Tokens[0].Value, out var number) && number >= 1 && number <= most)
                return number;
            given.AddError($"{name} must be a number from 1 to {most}, not \"{given.Tokens[0].Value}\".");
            return default;
        },
    };
}
