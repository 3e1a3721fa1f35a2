namespace Stevedore.Fetcher.Sources.S3;

/// <summary>Whom S3 takes the caller for; never printed.</summary>
/// <param name="AccessKey">Names the secret.</param>
/// <param name="Secret">Signs.</param>
/// <param name="SessionToken">Belongs to keys that expire; null where they don't.</param>
internal sealed record S3Keys(string AccessKey, string Secret, string? SessionToken)
{
    /// <summary>Says nothing of what it holds.</summary>
    public override string ToString() => nameof(S3Keys);
}
