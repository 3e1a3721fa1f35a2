using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Fetcher.Sources.S3;

namespace Stevedore.Fetcher.Commands;

/// <summary>The options that say which S3 store is meant; the same for every verb that talks to one.</summary>
internal sealed class S3Options
{
    private readonly Option<string?> _endpoint = new(FetchOptions.S3Endpoint) { HelpName = "URL", Description = "The S3 endpoint (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS)" };
    private readonly Option<string?> _region = new(FetchOptions.S3Region) { HelpName = "REGION", Description = "The region of S3 requests (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, else us-east-1)" };
    private readonly Option<string?> _addressing = new(FetchOptions.S3Addressing) { HelpName = "auto|path|virtual", Description = "Where the bucket's name stands in S3 addresses (default auto: in the host at AWS, in the path elsewhere)" };
    private readonly Option<bool> _anonymous = new(FetchOptions.S3Anonymous) { Description = "Ask S3 without credentials" };

    /// <summary>For the parser.</summary>
    public IEnumerable<Option> All => [_endpoint, _region, _addressing, _anonymous];

    /// <summary>What <c>--s3-endpoint</c> says.</summary>
    /// <exception cref="FormatException">It is no web address.</exception>
    public Uri? Endpoint(ParseResult result) => result.GetValue(_endpoint) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Query.Length == 0
            ? uri
            : throw new FormatException($"{FetchOptions.S3Endpoint} is not a web address without credentials; write one such as https://s3.example.com.");

    /// <summary>What <c>--s3-region</c> says.</summary>
    /// <exception cref="FormatException">It is no region's name.</exception>
    public string? Region(ParseResult result) => result.GetValue(_region) is not { } text ? null
        : text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? text
            : throw new FormatException($"{FetchOptions.S3Region} is {Quoted.Text(text)}, which is no region's name; write one such as eu-central-1.");

    /// <summary>What <c>--s3-addressing</c> says.</summary>
    /// <exception cref="FormatException">It is none of the choices.</exception>
    public S3Addressing Addressing(ParseResult result) => Choices.Read(FetchOptions.S3Addressing, result.GetValue(_addressing), S3Addressing.Auto);

    /// <summary>What <c>--s3-anonymous</c> says.</summary>
    public bool Anonymous(ParseResult result) => result.GetValue(_anonymous);

    /// <summary>All of it with what the environment adds.</summary>
    /// <exception cref="FormatException">An option is wrong.</exception>
    public Func<S3Settings> Read(ParseResult result, Func<string, string?> environment)
    {
        var (endpoint, region, addressing, anonymous) = (Endpoint(result), Region(result), Addressing(result), Anonymous(result));
        return () => S3Settings.From(endpoint, region, addressing, anonymous, environment);
    }
}
