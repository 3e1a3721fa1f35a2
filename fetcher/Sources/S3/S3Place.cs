using Amazon;
using Stevedore.Contract.CommandLine;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>A bucket as it is reached in one region: its address and the questions that can be put to it.</summary>
internal sealed class S3Place
{
    private readonly S3Settings _settings;
    private readonly string _bucket;
    private readonly IRequestSigner _signer;
    private readonly string _root;

    /// <param name="settings">Which store.</param>
    /// <param name="bucket">Which bucket.</param>
    /// <param name="region">The bucket's region.</param>
    /// <param name="signer">Signs what is asked, where there are keys.</param>
    public S3Place(S3Settings settings, string bucket, string region, IRequestSigner signer)
    {
        (_settings, _bucket, Region, _signer) = (settings, bucket, region, signer);
        IsPathStyle = !(settings.Addressing == S3Addressing.Virtual || (settings.Addressing == S3Addressing.Auto && settings.Endpoint is null && IsHostLabel(bucket)));
        _root = RootOf();
    }

    /// <summary>The region that is asked and signed for.</summary>
    public string Region { get; }

    /// <summary>Whether the bucket's name stands in the path.</summary>
    public bool IsPathStyle { get; }

    /// <summary>The store for sentences.</summary>
    public string Store => WebAddress.HostShown(new Uri(_root));

    /// <summary>Asks for an object.</summary>
    public WebQuestion Object(string key) => Ask(_root + WebAddress.Encoded(key));

    /// <summary>Asks for a page of the list of a prefix.</summary>
    /// <param name="prefix">Not encoded; empty for the whole bucket.</param>
    /// <param name="continuation">What the page before gave; null for the first.</param>
    public WebQuestion List(string prefix, string? continuation) => Ask(
        // In a path the bucket's name stands without a slash behind it, as AWS's own tools ask: gateways in front of a store may know no other form.
        (IsPathStyle ? _root.TrimEnd('/') : _root)
        // In the order of the alphabet, as some stores check the signature of the very text. Encoded keys survive XML, which knows no control characters.
        + "?" + (continuation is null ? "" : $"continuation-token={Uri.EscapeDataString(continuation)}&")
        + $"encoding-type=url&list-type=2&prefix={Uri.EscapeDataString(prefix)}");

    private WebQuestion Ask(string address) =>
        // Verbatim: a signature covers the very bytes that are sent.
        new(new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Signer = _signer,
            TakesRedirectsAsAnswers = true,
        };

    private string RootOf()
    {
        var endpoint = _settings.Endpoint?.AbsoluteUri.TrimEnd('/') ?? $"https://s3.{Region}.{RegionEndpoint.GetBySystemName(Region).PartitionDnsSuffix}";
        if (IsPathStyle)
            return $"{endpoint}/{_bucket}/";
        var host = endpoint.IndexOf("://", StringComparison.Ordinal) + 3;
        return $"{endpoint[..host]}{_bucket}.{endpoint[host..]}/";
    }

    /// <summary>Certificates of AWS's cover one label before the endpoint's name, and host names know no capitals.</summary>
    private static bool IsHostLabel(string bucket) => bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
