namespace Stevedore.Webhook.Certificates;

/// <summary>
/// Takes a renewed certificate into use. It looks at the files' contents every few seconds: that holds for every volume and every way of
/// replacing a file (Secret volumes swap a symlink two folders up), which file watching does not.
/// </summary>
internal sealed partial class CertificateReload(
    CertificateFiles files, ServingCertificate certificate, TimeProvider clock, ILogger<CertificateReload> logger) : BackgroundService
{
    /// <summary>How often it looks. The two files are a few kilobytes, and the kubelet itself takes up to a minute to renew them.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private string? _told;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    /// <summary>One look: a new pair is taken, a bad one told of once and tried again the next time, since its other half may follow.</summary>
    private void Look()
    {
        var before = certificate.Leaf;
        if (!files.TryLoad(certificate, clock.GetUtcNow(), out var problem) && problem != _told)
            Log.Kept(logger, problem, certificate.Expires);
        if (certificate.Leaf != before)
            Log.Loaded(logger, certificate.Leaf.SerialNumber, certificate.Expires);
        _told = problem;
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Information, "Took the certificate with serial {Serial} into use; it serves until {Expires:u}.")]
        public static partial void Loaded(ILogger logger, string serial, DateTimeOffset expires);

        [LoggerMessage(201, LogLevel.Error, "{Problem} The certificate in use until now stays; it expires at {Expires:u}.")]
        public static partial void Kept(ILogger logger, string problem, DateTimeOffset expires);
    }
}
