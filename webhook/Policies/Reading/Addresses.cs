using Stevedore.Contract;
using Stevedore.Contract.Values;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>Addresses and patterns of addresses as policies write them. None carries credentials: every pod shows them.</summary>
internal static class Addresses
{
    private static readonly string[] Originals = ["hf://", "s3://", "https://", "http://"];
    private static readonly string[] Mirrors = ["s3://", "https://", "http://", "file:///"];

    /// <summary>The address of a service.</summary>
    public static Parsed<Uri> Web(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || !IsPlain(text))
            return Parsed<Uri>.Wrong($"{Quoted.Text(text)} is no address of a service; write one such as https://hub.internal.");
        return address.UserInfo.Length > 0
            ? Parsed<Uri>.Wrong("carries a user name or a password, which every pod would show; leave it out.")
            : address;
    }

    /// <summary>The beginning of the references that a rule is for.</summary>
    public static Parsed<string> Prefix(string text) => IsPlain(text) && Originals.Any(scheme => text.StartsWith(scheme, StringComparison.Ordinal))
        ? text
        : Parsed<string>.Wrong($"{Quoted.Text(text)} is the beginning of no reference; write one such as hf:// or s3://weights/.");

    /// <summary>What stands in the place of a prefix.</summary>
    public static Parsed<string> Mirror(string text)
    {
        var valid = IsPlain(text) && !text.Contains('=', StringComparison.Ordinal)
            && Mirrors.Any(scheme => text.StartsWith(scheme, StringComparison.Ordinal) && (text.Length > scheme.Length || scheme == "file:///"));
        if (!valid)
            return Parsed<string>.Wrong($"{Quoted.Text(text)} is no place of models; write one such as s3://weights/hub/ or https://hub.internal/.");
        return text.AsSpan(text.IndexOf("://", StringComparison.Ordinal) + 3).Contains('@')
            ? Parsed<string>.Wrong("carries a user name or a password, which every pod would show; leave it out.")
            : text;
    }

    /// <summary>A glob over references.</summary>
    public static Parsed<Glob> Models(string text)
    {
        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            return Parsed<Glob>.Wrong($"{Quoted.Text(text)} contains white space, and no reference does; write a glob such as hf://meta-llama/*.");
        return text.Contains("://", StringComparison.Ordinal) || text[0] is '*' or '?' or '['
            ? new Glob(text)
            : Parsed<Glob>.Wrong($"{Quoted.Text(text)} covers no model, since references begin with their scheme; write a glob such as hf://meta-llama/*.");
    }

    /// <summary>A host, a domain or a network that is asked without the proxy.</summary>
    public static Parsed<string> NoProxy(string text) => IsPlain(text) && !text.Contains(',', StringComparison.Ordinal) && !text.Contains("://", StringComparison.Ordinal)
        ? text
        : Parsed<string>.Wrong($"{Quoted.Text(text)} is no host; write one an entry, such as .svc, 10.0.0.0/8 or hub.internal.");

    private static bool IsPlain(string text) => !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '?' or '#' or '\\');
}
