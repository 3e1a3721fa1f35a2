using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>The fetcher's command line.</summary>
internal static class FetcherArguments
{
    /// <summary>How long a fetcher that never downloads waits for a prefetch Job, where the policy does not say.</summary>
    private static readonly TimeSpan WaitForJobs = TimeSpan.FromMinutes(30);

    /// <summary>Writes it.</summary>
    /// <param name="request">What is known.</param>
    /// <param name="site">The cache.</param>
    /// <param name="models">What is fetched.</param>
    /// <param name="access">With what.</param>
    /// <param name="downloads">Whether it may download.</param>
    public static IReadOnlyList<string> Of(
        PlanRequest request, CacheSite site, IReadOnlyList<ModelReference> models, FetcherAccess access, bool downloads)
    {
        var (policy, wishes) = (request.Policy, request.Wishes);
        var command = new FetchCommand(models, site.FetcherPath)
        {
            CacheSeenAs = site.Folder is null ? null : site.MountPath,
            View = ViewLayout.DefaultMountPath,
            Aliases = [.. request.Models.Aliases.Where(alias => models.Contains(alias.Reference))],
            Include = wishes.Include,
            Exclude = wishes.Exclude,
            Refresh = wishes.Refresh ?? FetchCommand.DefaultRefresh,
            RequirePresent = !downloads,
            Wait = policy.Fetcher.Wait ?? (downloads ? null : WaitForJobs),
            Verification = policy.Fetcher.Verification,
        };
        if (downloads)
        {
            command = WithSources(command, policy, access) with
            {
                Connections = policy.Fetcher.Connections,
                CaBundle = access.CaBundle,
            };
        }

        var arguments = command.ToArguments().Select(KubernetesReferences.Escape);
        return downloads && site.IsShared ? [.. arguments, FetcherMark.Argument] : [.. arguments];
    }

    private static FetchCommand WithSources(FetchCommand command, InjectionPolicy policy, FetcherAccess access)
    {
        command = command with { Mirrors = [.. policy.Sources.SelectMany(Mirrors)] };
        var usesS3 = command.References.Any(model => model is S3Reference)
            || command.Mirrors.Any(mirror => mirror.Target.StartsWith("s3://", StringComparison.Ordinal));
        if (!usesS3)
            return command;
        // Where the cache is the pod's own, so are its endpoint and its region: the fetcher reads them from its environment.
        return command with
        {
            S3Endpoint = Sets(access, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") ? null : policy.S3.Endpoint,
            S3Region = Sets(access, "AWS_REGION", "AWS_DEFAULT_REGION") ? null : policy.S3.Region,
            S3Addressing = policy.S3.PathStyle switch { true => S3Addressing.Path, false => S3Addressing.Virtual, null => S3Addressing.Auto },
            S3Anonymous = policy.S3.Anonymous,
        };
    }

    private static IEnumerable<MirrorRule> Mirrors(SourceRule rule)
    {
        foreach (var target in rule.Mirrors)
            yield return new MirrorRule(rule.Prefix, target.EndsWith('/') ? target : target + "/");
        if (rule.Mirrors.Count > 0 && rule.Original == OriginalUse.Allowed)
            yield return MirrorRule.Original(rule.Prefix);
    }

    private static bool Sets(FetcherAccess access, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (access.Env.Any(variable => variable.Name == name))
                return true;
        }

        return false;
    }
}
