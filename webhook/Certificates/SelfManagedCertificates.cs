using System.Net;
using k8s.Autorest;
using Stevedore.Webhook.Cluster;

namespace Stevedore.Webhook.Certificates;

/// <summary>
/// Keeps a serving certificate in the replicas' Secret, and API servers trusting it, without a leader: whoever comes first writes, a conflict means that
/// somebody else did. What is served next is trusted first: its authority must have stood in the webhook configuration for a while. The server starts only
/// once there is a certificate.
/// </summary>
internal sealed partial class SelfManagedCertificates(
    CertificateSource.SelfManaged settings,
    CertificateObjects objects,
    ServingCertificate certificate,
    TimeProvider clock,
    ILogger<SelfManagedCertificates> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private string? _told;
    private string? _nextAuthority;
    private long _nextTrustedSince;

    /// <summary>Waits for the first certificate, however long the API server is away.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; !certificate.IsLoaded; tries++)
        {
            // A replica that was slower than another has only to look again.
            if (!await LookAsync(cancellationToken) && !certificate.IsLoaded)
                await Task.Delay(Pause(tries), clock, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(settings.Period, clock, stoppingToken);
            await LookAsync(stoppingToken);
        }
    }

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static TimeSpan Pause(int tries) => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(tries, 10))) * (0.5 + (Random.Shared.NextDouble() / 2)));

    /// <summary>One look; true where the Secret or the configuration has changed meanwhile, so that the next look is worth taking at once. What fails is told of once and tried again.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellation)
    {
        try
        {
            // The configuration before the Secret: a bundle made from an older Secret can then never replace one made from a newer.
            var trust = await objects.ReadTrustAsync(cancellation);
            var settled = await SettleAsync(trust, cancellation);
            _told = null;
            return !settled;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            // Whatever it is, the certificate in use is good for weeks, and a replica that ended over this would answer nobody.
            var problem = Sentence(error);
            if (problem != _told)
                Log.Trouble(logger, problem, certificate.IsLoaded ? $"what is served expires at {certificate.Expires:u}" : "there is no certificate to serve yet");
            _told = problem;
            return false;
        }
    }

    private async Task<bool> SettleAsync(WebhookTrust? trust, CancellationToken cancellation)
    {
        var secret = await objects.ReadSecretAsync(cancellation);
        var read = CertificateSecret.Read(secret?.Data);
        var wanted = read.Renewed(settings.Names, settings.Lifetime, clock);
        if (wanted != read)
        {
            if (!await objects.TryWriteSecretAsync(secret, wanted.Write(), cancellation))
                return false;
            Log.Issued(logger, settings.Namespace, settings.Secret);

            // The next look finds it as any other replica would.
            return false;
        }

        var bundle = wanted.Bundle();
        var trusted = trust is null || trust.Is(bundle);
        if (!trusted && !await objects.TryTrustAsync(trust!, bundle, cancellation))
            return false;
        if (!trusted)
            Log.Published(logger, settings.WebhookConfiguration, trust!.Webhooks.Count);
        Serve(wanted.Current!);
        if (!IsTrustedLongEnough(wanted.Next?.AuthorityPem, trusted))
            return true;
        return await objects.TryWriteSecretAsync(secret, wanted.Promoted().Write(), cancellation) && await SettleAsync(trust, cancellation);
    }

    /// <summary>Judged by this replica's own monotonic clock, from when it first saw the authority in the configuration without a break.</summary>
    private bool IsTrustedLongEnough(string? nextAuthority, bool trusted)
    {
        if (nextAuthority is null || !trusted || nextAuthority != _nextAuthority)
        {
            _nextAuthority = nextAuthority;
            _nextTrustedSince = clock.GetTimestamp();
            return false;
        }

        return clock.GetElapsedTime(_nextTrustedSince) >= settings.Propagation;
    }

    private void Serve(ServingGeneration current)
    {
        var before = certificate.IsLoaded ? certificate.Leaf : null;
        if (!certificate.TryUse(current.Pair, "tls.crt", "tls.key", clock.GetUtcNow(), out var problem))
            Log.Unusable(logger, problem, settings.Namespace, settings.Secret);
        else if (certificate.Leaf != before)
            Log.Loaded(logger, certificate.Leaf.SerialNumber, certificate.Expires);
    }

    private string Sentence(Exception error) => error switch
    {
        HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } refusal =>
            $"The API server refuses this webhook's ServiceAccount ({(int)refusal.Response.StatusCode}): it needs get and update on the Secret "
            + $"{settings.Namespace}/{settings.Secret} and get and patch on the MutatingWebhookConfiguration {settings.WebhookConfiguration}; apply the manifests again",
        HttpOperationException refusal => $"The API server answered {(int)refusal.Response.StatusCode}",
        OperationCanceledException => "The API server did not answer in time",
        _ => $"The API server can't be reached ({error.Message.TrimEnd('.')})",
    };

    private static partial class Log
    {
        [LoggerMessage(210, LogLevel.Information, "Issued a certificate into the Secret {Namespace}/{Secret}.")]
        public static partial void Issued(ILogger logger, string @namespace, string secret);

        [LoggerMessage(211, LogLevel.Information, "Told API servers through {Configuration} whom to trust, in {Count} webhooks.")]
        public static partial void Published(ILogger logger, string configuration, int count);

        [LoggerMessage(212, LogLevel.Information, "Took the certificate with serial {Serial} into use; it serves until {Expires:u}.")]
        public static partial void Loaded(ILogger logger, string serial, DateTimeOffset expires);

        [LoggerMessage(213, LogLevel.Warning, "{Problem}; {State}. It is tried again.")]
        public static partial void Trouble(ILogger logger, string problem, string state);

        [LoggerMessage(214, LogLevel.Error, "{Problem} It lies in the Secret {Namespace}/{Secret}; the certificate in use until now stays.")]
        public static partial void Unusable(ILogger logger, string problem, string @namespace, string secret);
    }
}
