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
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        WarnOfLabels();
        return base.StartAsync(cancellationToken);
    }

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
        {
            Log.Loaded(logger, file.Path, file.Current.Ranked.Count);
            WarnOfLabels();
        }

        _told = problems;
    }

    /// <summary>Of a namespace nothing is known here but its name: what selects by more selects by labels that seem absent.</summary>
    private void WarnOfLabels()
    {
        foreach (var policy in file.Current.Ranked)
        {
            if (policy.NamespaceSelector.Requirements.FirstOrDefault(requirement => requirement.Key != LabelSelector.NamespaceName) is { } blind)
                Log.Blind(logger, policy.Name, blind.Key);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Information, "Took {Path} into use: {Count} policies.")]
        public static partial void Loaded(ILogger logger, string path, int count);

        [LoggerMessage(401, LogLevel.Error, "{Path} is not taken into use, and the {Count} policies in force until now stay: {Problems}")]
        public static partial void Kept(ILogger logger, string path, string problems, int count);

        [LoggerMessage(402, LogLevel.Warning, "Policy {Name} selects namespaces by {Label}, which is not known with policies from a file; take them from the cluster (--policy cluster), or select by kubernetes.io/metadata.name.")]
        public static partial void Blind(ILogger logger, string name, string label);
    }
}
