using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.RuntimeDependencies;
using Amazon.S3;
using Amazon.SecurityToken;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>
/// The keys of a run, found as AWS's own tools find them: the environment, web identity (IRSA), the profile, a container's or pod's identity, the machine's. Where there
/// are none S3 is asked anonymously, as open buckets allow.
/// </summary>
internal sealed class S3Credentials
{
    private readonly S3Keys? _fixed;
    private readonly bool _isForcedAnonymous;
    private readonly Lazy<Task<AWSCredentials?>> _finding = new(FindInChainAsync);

    /// <param name="settings">May ask for none.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="FetchException">64: half of a key.</exception>
    public S3Credentials(S3Settings settings, Func<string, string?> environment)
    {
        _isForcedAnonymous = settings.IsAnonymous;
        if (!settings.IsAnonymous && string.IsNullOrEmpty(environment("AWS_PROFILE")))
            _fixed = FromEnvironment(environment);
    }

    /// <summary>Whether requests go out without a signature; known once <see cref="FindAsync"/> has ended.</summary>
    public bool IsAnonymous => _fixed is null && Chain is null;

    /// <summary>Whether <see cref="FindAsync"/> has nothing more to look for.</summary>
    public bool AreFound => _fixed is not null || _isForcedAnonymous || (_finding.IsValueCreated && _finding.Value.IsCompletedSuccessfully);

    /// <summary>Whose keys these are, for a sentence; never a part of them.</summary>
    public string Origin => _fixed is not null ? "the key in AWS_ACCESS_KEY_ID"
        : Chain is { } chain ? $"the credentials that were found ({NameOf(chain)})"
        : _isForcedAnonymous ? "--s3-anonymous asks without credentials"
        : "no credentials were found (environment, web identity, profile, container, instance)";

    private AWSCredentials? Chain => _finding.IsValueCreated && _finding.Value.IsCompletedSuccessfully ? _finding.Value.Result : null;

    /// <summary>Looks for keys, once.</summary>
    /// <exception cref="FetchException">77: there is something that should give keys and does not.</exception>
    public Task FindAsync(CancellationToken cancellationToken) =>
        _fixed is not null || _isForcedAnonymous ? Task.CompletedTask : _finding.Value.WaitAsync(cancellationToken);

    /// <summary>The keys of this moment; those of a role are renewed before they expire. Null to ask anonymously.</summary>
    /// <exception cref="FetchException">77: they can't be renewed.</exception>
    public S3Keys? Current()
    {
        if (_fixed is not null || Chain is not { } chain)
            return _fixed;
        try
        {
            return KeysOf(chain.GetCredentials());
        }
        catch (Exception broken) when (IsExpected(broken))
        {
            throw Broken(NameOf(chain), broken);
        }
    }

    /// <summary>The same keys for the SDK's own client.</summary>
    public AWSCredentials ForSdk() => _fixed switch
    {
        { SessionToken: { } token } => new SessionAWSCredentials(_fixed.AccessKey, _fixed.Secret, token),
        not null => new BasicAWSCredentials(_fixed.AccessKey, _fixed.Secret),
        null => Chain ?? new AnonymousAWSCredentials(),
    };

    private static S3Keys? FromEnvironment(Func<string, string?> environment)
    {
        var (key, secret) = (environment("AWS_ACCESS_KEY_ID")?.Trim(), environment("AWS_SECRET_ACCESS_KEY")?.Trim());
        if (string.IsNullOrEmpty(key) && string.IsNullOrEmpty(secret))
            return null;
        if (string.IsNullOrEmpty(key) || string.IsNullOrEmpty(secret))
        {
            throw new FetchException(
                ExitCode.Usage, $"{(string.IsNullOrEmpty(key) ? "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID" : "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY")}; set both or neither.");
        }

        var token = environment("AWS_SESSION_TOKEN")?.Trim();
        var parts = key + secret + token;
        return parts.All(c => c is > ' ' and < '\x7f')
            ? new S3Keys(key, secret, string.IsNullOrEmpty(token) ? null : token)
            : throw new FetchException(ExitCode.Usage, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN holds characters that no key has; write nothing but the key there.");
    }

    private static async Task<AWSCredentials?> FindInChainAsync()
    {
        RegisterForAot();
        AWSCredentials chain;
        try
        {
            chain = await new DefaultAWSCredentialsIdentityResolver().ResolveIdentityAsync(new AmazonS3Config(), CancellationToken.None);
        }
        catch (Exception none) when (none is AmazonClientException or AmazonServiceException)
        {
            // The chain says so where it found nothing at all.
            return null;
        }

        try
        {
            await chain.GetCredentialsAsync();
            return chain;
        }
        catch (Exception broken) when (IsExpected(broken))
        {
            // The machine's own identity is only guessed to be there; what somebody configured must work.
            return IsMachine(chain) ? null : throw Broken(NameOf(chain), broken);
        }
    }

    private static bool IsExpected(Exception broken) =>
        broken is AmazonServiceException or AmazonClientException or InvalidOperationException or IOException or HttpRequestException or UnauthorizedAccessException;

    // The SDK keeps the type of the default one to itself.
    private static bool IsMachine(AWSCredentials chain) => chain is InstanceProfileAWSCredentials || chain.GetType().Name == "DefaultInstanceProfileAWSCredentials";

    /// <summary>The SDK finds the client for STS by reflection, which NativeAOT has removed.</summary>
    private static void RegisterForAot() => GlobalRuntimeDependencyRegistry.Instance.RegisterSecurityTokenServiceClient(
        context => new AmazonSecurityTokenServiceClient(
            new AnonymousAWSCredentials(),
            new AmazonSecurityTokenServiceConfig { RegionEndpoint = context.SecurityTokenServiceClientContextData?.Region ?? RegionEndpoint.USEast1 }));

    private static S3Keys KeysOf(ImmutableCredentials credentials) => new(credentials.AccessKey, credentials.SecretKey, credentials.UseToken ? credentials.Token : null);

    private static string NameOf(AWSCredentials chain) => chain switch
    {
        AssumeRoleWithWebIdentityCredentials => "web identity, AWS_ROLE_ARN",
        GenericContainerCredentials => "container identity",
        _ when IsMachine(chain) => "the machine's role",
        EnvironmentVariablesAWSCredentials => "environment",
        _ => "profile",
    };

    private static FetchException Broken(string name, Exception broken) => new(
        ExitCode.NoPermission,
        $"No keys for S3 could be had by {name} ({CodeOf(broken)}); check its role and trust policy, and that its endpoint can be reached.",
        broken);

    // The SDK wraps what STS said in exceptions of its own; their texts may repeat tokens.
    private static string CodeOf(Exception broken)
    {
        for (var inner = broken; inner is not null; inner = inner.InnerException)
        {
            if (inner is AmazonServiceException { ErrorCode: { Length: > 0 } code })
                return code;
        }

        return broken.GetType().Name;
    }
}
