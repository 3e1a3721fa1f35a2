namespace Stevedore.Webhook.Policies;

/// <summary>
/// Takes a changed policy file into use. It looks at the contents every few seconds, as <see cref="Certificates.CertificateReload"/> does and for
/// the same reason: a ConfigMap's volume swaps a symlink two folders up.
/// </summary>
internal sealed partial class PolicyReload(PolicyFile file, TimeProvider clock, ILogger<PolicyReload> logger) : BackgroundService
{
    /// <summary>How often it looks; the kubelet itself takes up to a minute to renew a ConfigMap.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private string _told = "";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    /// <summary>One look: a file that is wrong is told of once, and looked at again the next time.</summary>
    private void Look()
    {
        var before = file.Current;
        var problems = string.Join(" ", file.Load());
        if (problems.Length > 0 && problems != _told)
            Log.Kept(logger, file.Path, problems, file.Current.Ranked.Count);
        if (file.Current != before)
            Log.Loaded(logger, file.Path, file.Current.Ranked.Count);
        _told = problems;
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Information, "Took {Path} into use: {Count} policies.")]
        public static partial void Loaded(ILogger logger, string path, int count);

        [LoggerMessage(401, LogLevel.Error, "{Path} is not taken into use, and the {Count} policies in force until now stay: {Problems}")]
        public static partial void Kept(ILogger logger, string path, string problems, int count);
    }
}
