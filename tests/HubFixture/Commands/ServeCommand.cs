using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Stevedore.HubFixture.Commands;

/// <summary><c>hub-fixture serve</c>: a folder of models as a Hub, until SIGTERM, SIGINT or the end of standard input.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var root = new Option<DirectoryInfo>("--root") { Description = "Each OWNER/NAME in it is a repository at main", HelpName = "DIR", Required = true };
        root.AcceptExistingOnly();
        var port = new Option<int>("--port") { Description = "The Hub's port on 127.0.0.1 (default: a free one)", HelpName = "N" };
        var cdnPort = new Option<int>("--cdn-port") { Description = "The CDN's port on localhost (default: a free one)", HelpName = "N" };
        var command = new Command("serve", "Serve a folder of models; prints one line of JSON with the endpoints when ready") { root, port, cdnPort };
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
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOn);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOn);
        await using var hub = await HubServer.StartAsync(options, stop.Token);
        foreach (var owner in root.EnumerateDirectories())
        {
            foreach (var repository in owner.EnumerateDirectories())
                hub.AddRepositoryFrom($"{owner.Name}/{repository.Name}", repository.FullName);
        }

        await output.WriteLineAsync(JsonSerializer.Serialize(new { endpoint = hub.Endpoint.OriginalString, cdn = hub.CdnEndpoint.OriginalString }));
        await output.FlushAsync(stop.Token);
        await Task.WhenAny(Task.Delay(Timeout.Infinite, stop.Token), EndOfInputAsync(stop.Token));

        void StopOn(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>The parent that holds the other end of the pipe is gone, or has no more use for us. A process started with no input at all has lost nothing.</summary>
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
