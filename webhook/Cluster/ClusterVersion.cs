using System.Globalization;
using k8s;
using k8s.Models;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Cluster;

/// <summary>The API server's own version, asked for now and then, since servers are upgraded. Nothing waits for it: it is worth a warning at most.</summary>
internal sealed partial class ClusterVersion(IKubernetes client, TimeProvider clock, ILogger<ClusterVersion> logger) : BackgroundService, IServerVersion
{
    private static readonly TimeSpan Between = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    private volatile Version? _current;

    /// <inheritdoc/>
    public Version? Current => _current;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
            await Task.Delay(await AskAsync(stoppingToken) ? Between : AfterFailure, clock, stoppingToken);
    }

    /// <summary>Providers write such as <c>33+</c> for the minor.</summary>
    internal static Version? Read(VersionInfo info) =>
        int.TryParse(info.Major, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
        && int.TryParse(info.Minor.TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new Version(major, minor)
            : null;

    private async Task<bool> AskAsync(CancellationToken cancellation)
    {
        try
        {
            _current = Read(await client.Version.GetCodeAsync(cancellation)) ?? _current;
            return true;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            Log.Unknown(logger, error.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(530, LogLevel.Debug, "The API server's version is not known: {Why}")]
        public static partial void Unknown(ILogger logger, string why);
    }
}
