using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>Which S3 store is meant, and how it is talked to.</summary>
/// <param name="Endpoint">Null for AWS's own, which is another one in each region.</param>
/// <param name="Region">What is signed for; null where nobody said so.</param>
/// <param name="Addressing">Where the bucket's name stands.</param>
/// <param name="IsAnonymous">Whether to ask without credentials.</param>
internal sealed record S3Settings(Uri? Endpoint, string? Region, S3Addressing Addressing, bool IsAnonymous)
{
    /// <summary>AWS's oldest region; stores outside AWS take it too, unless they were told another.</summary>
    public const string DefaultRegion = "us-east-1";

    /// <summary>What the command line says, else the variables that AWS's own tools read, else the profile.</summary>
    /// <exception cref="FetchException">64: a variable names an endpoint that can't be one.</exception>
    public static S3Settings From(Uri? endpoint, string? region, S3Addressing addressing, bool isAnonymous, Func<string, string?> environment)
    {
        var profile = new Lazy<AwsProfile?>(() => isAnonymous ? null : AwsProfile.Read(environment));
        var ignoresConfigured = string.Equals(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true", StringComparison.OrdinalIgnoreCase);
        return new S3Settings(
            endpoint ?? (ignoresConfigured ? null : Named("AWS_ENDPOINT_URL_S3", environment) ?? Named("AWS_ENDPOINT_URL", environment) ?? profile.Value?.Endpoint),
            region ?? NotEmpty(environment("AWS_REGION")) ?? NotEmpty(environment("AWS_DEFAULT_REGION")) ?? profile.Value?.Region,
            addressing,
            isAnonymous);
    }

    private static Uri? Named(string variable, Func<string, string?> environment)
    {
        if (NotEmpty(environment(variable)) is not { } text)
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0 && address.Query.Length == 0
            ? address
            : throw new FetchException(
                ExitCode.Usage, $"{variable} is {Quoted.Text(ShownText.Of(text))}, which is no web address; write one such as https://s3.example.com.");
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
