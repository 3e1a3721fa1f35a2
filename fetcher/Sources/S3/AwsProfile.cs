using Amazon.Runtime.CredentialManagement;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>What the profile in AWS's configuration files says besides its keys.</summary>
/// <param name="Region">Null where it names none.</param>
/// <param name="Endpoint">Null where it names none.</param>
internal sealed record AwsProfile(string? Region, Uri? Endpoint)
{
    /// <summary>The profile that <c>AWS_PROFILE</c> names, else <c>default</c>; null where there is none.</summary>
    public static AwsProfile? Read(Func<string, string?> environment)
    {
        // The SDK reads the files by the process's own environment; without any of this there are none to read.
        var home = environment("HOME");
        if (environment("AWS_CONFIG_FILE") is null && environment("AWS_SHARED_CREDENTIALS_FILE") is null && (home is null || !Directory.Exists(Path.Combine(home, ".aws"))))
            return null;
        var name = environment("AWS_PROFILE") is { Length: > 0 } named ? named : "default";
        return new CredentialProfileStoreChain().TryGetProfile(name, out var profile)
            ? new AwsProfile(profile.Region?.SystemName, Uri.TryCreate(profile.EndpointUrl, UriKind.Absolute, out var endpoint) ? endpoint : null)
            : null;
    }
}
