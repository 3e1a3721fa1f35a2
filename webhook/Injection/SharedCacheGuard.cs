using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// What no pod may bring into the fetcher of a cache that others read: variables that say where content comes from or what else the program loads,
/// and mounts that lie over the program.
/// </summary>
internal static class SharedCacheGuard
{
    private static readonly string[] SteeringPrefixes =
        ["HF_", "HUGGING", "STEVEDORE_", "LD_", "DOTNET_", "COMPlus_", "CORECLR_", "OPENSSL_", "SSL_", "GLIBC_", "AWS_ENDPOINT_URL", "OTEL_"];

    private static readonly HashSet<string> SteeringNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE", "HOME", "HOSTALIASES",
        "RES_OPTIONS", "LOCALDOMAIN", "GCONV_PATH", "NETRC",
    };

    /// <summary>Where the images of programs, their libraries and their settings lie; the fetcher's is no other.</summary>
    private static readonly string[] ProgramFolders =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/app", "/opt", "/stevedore-fetcher"];

    /// <summary>Whether the variable steers the fetcher, or might.</summary>
    public static bool Steers(string variable) =>
        SteeringNames.Contains(variable) || Array.Exists(SteeringPrefixes, prefix => variable.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether a mount at the path would hide the program, or a part of it.</summary>
    public static bool HidesTheProgram(string path) => Array.Exists(ProgramFolders, folder => MountPath.Touches(folder, MountPath.Normalise(path)));

    /// <summary>
    /// Whether the pod's own value may go along as it is: one that refers to other variables would bring those too, and what is no region's name
    /// would become a part of the address that AWS's client makes of it.
    /// </summary>
    public static bool IsHarmless(EnvVariable variable) => InheritedNames.Regions.Contains(variable.Name)
        ? variable.Value is { } region && region.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        : variable.Value is null || !KubernetesReferences.NamesIn(variable.Value).Any();
}
