using System.CommandLine;
using System.Text.Json;

namespace Stevedore.HubFixture.Commands;

/// <summary><c>hub-fixture serve</c>: a folder of models as a Hub, until SIGTERM, SIGINT or the end of standard input.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var root = new Option<DirectoryInfo>("--root")
        {
            Description = "Each OWNER/NAME in it is a repository at main",
            HelpName = "DIR",
            Required = true,
        };
        root.AcceptExistingOnly();
        var port = new Option<int>("--port") { Description = "The Hub's port on 127.0.0.1 (default: a free one)", HelpName = "N" };
        var cdnPort = new Option<int>("--cdn-port") { Description = "The CDN's port on localhost (default: a free one)", HelpName = "N" };
        var command = new Command("serve", "Serve a folder of models; says in one line of JSON where, when ready") { root, port, cdnPort };
        command.SetAction((parsed, cancellationToken) =>
            ServeAsync(
                parsed.GetRequiredValue(root),
                new HubOptions { Port = parsed.GetValue(port), CdnPort = parsed.GetValue(cdnPort) },
                parsed.InvocationConfiguration.Output,
                cancellationToken));
        return command;
    }

    private static async Task ServeAsync(DirectoryInfo root, HubOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await using var hub = await HubServer.StartAsync(options, cancellationToken);
        foreach (var owner in root.EnumerateDirectories())
        {
            foreach (var repository in owner.EnumerateDirectories())
                hub.AddRepositoryFrom($"{owner.Name}/{repository.Name}", repository.FullName);
        }

        var endpoints = new { endpoint = hub.Endpoint.OriginalString, cdn = hub.CdnEndpoint.OriginalString };
        await output.WriteLineAsync(JsonSerializer.Serialize(endpoints));
        await output.FlushAsync(cancellationToken);
        await Task.WhenAny(Task.Delay(Timeout.Infinite, cancellationToken), EndOfInputAsync(cancellationToken));
    }

    /// <summary>
    /// The parent that holds the other end of the pipe is gone, or has no more use for us. A process started with no input at all has lost
    /// nothing.
    /// </summary>
    private static async Task EndOfInputAsync(CancellationToken cancellationToken)
    {
        if (new FileInfo("/proc/self/fd/0").LinkTarget is "/dev/null")
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return;
        }

        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null, cancellationToken);
    }
}
