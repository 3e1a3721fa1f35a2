using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Stevedore.Contract;

namespace Stevedore.Webhook.Commands;

/// <summary>The command line of <c>stevedore-webhook</c>.</summary>
internal static class WebhookCommandLine
{
    private static string Version { get; } =
        typeof(WebhookCommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Parses and runs; what is wrong with the arguments goes to <paramref name="console"/>'s error, a sentence a line.</summary>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal console, CancellationToken cancellation)
    {
        var root = new RootCommand("Injects into vLLM pods what loads their model: admission webhook, and the same on files.")
        {
            ServeCommand.Create(console), InjectCommand.Create(console), ValidateCommand.Create(console),
        };
        var parsed = root.Parse(arguments);
        foreach (var problem in parsed.Errors)
            console.Tell(problem.Message);
        return parsed.Errors.Count > 0
            ? Task.FromResult((int)ExitCode.Usage)
            : parsed.InvokeAsync(
                // The host has its own way with SIGTERM; the parser would give up on it after two seconds.
                new InvocationConfiguration { Output = console.Output, Error = console.Error, ProcessTerminationTimeout = null }, cancellation);
    }

    /// <summary><c>--fetcher-image</c>, the same for both commands.</summary>
    public static Option<string> FetcherImage() => new("--fetcher-image")
    {
        HelpName = "IMAGE",
        Description = "Image of the injected container.",
        DefaultValueFactory = _ => $"stevedore/fetcher:{Version}",
        CustomParser = given => Read(given, text => text.Length > 0 && !text.Any(char.IsWhiteSpace)
            ? text
            : Parsed<string>.Wrong("--fetcher-image is the name of an image, such as registry.example/stevedore/fetcher:1.0.")),
    };

    /// <summary>Has one of our own parsers read an option's only value; its sentence becomes the parse error.</summary>
    public static T Read<T>(ArgumentResult given, Func<string, Parsed<T>> parse)
        where T : notnull
    {
        var parsed = parse(given.Tokens[0].Value);
        if (parsed.IsValid)
            return parsed.Value;
        given.AddError(parsed.Error);
        return default!;
    }
}
