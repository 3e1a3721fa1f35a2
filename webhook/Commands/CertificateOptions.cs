using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using Stevedore.Contract;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Commands;

/// <summary>The options of <c>serve</c> that say where the serving certificate comes from, and whom it is shown to.</summary>
internal sealed class CertificateOptions
{
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(3650);

    private readonly Option<string> _certificate = new("--tls-cert") { HelpName = "FILE", Description = "Serving certificate, PEM; reread when it changes." };
    private readonly Option<string> _key = new("--tls-key") { HelpName = "FILE", Description = "Its private key, PEM." };
    private readonly Option<bool> _selfManaged = new("--self-managed-certificates") { Description = "Make and renew the certificate in a Secret, and have API servers trust it." };
    private readonly Option<string> _namespace = Name("--namespace", () => Environment.GetEnvironmentVariable("POD_NAMESPACE") ?? "stevedore-system", "Where the webhook is installed. [default: POD_NAMESPACE, else stevedore-system]");
    private readonly Option<string> _service = Name("--service", () => "stevedore-webhook", "The webhook's Service.");
    private readonly Option<string> _secret = Name("--secret", () => "stevedore-webhook-tls", "The Secret that replicas share the certificate through.");
    private readonly Option<string> _configuration = Name("--webhook-configuration", () => "stevedore-webhook", "The MutatingWebhookConfiguration to write the authority into.");
    private readonly Option<TimeSpan> _lifetime = new("--certificate-lifetime")
    {
        HelpName = "DURATION",
        Description = "How long a self-managed certificate is valid; it is renewed when two thirds are over. [default: 2160h]",
        DefaultValueFactory = _ => TimeSpan.FromDays(90),
        CustomParser = given => WebhookCommandLine.Read(given, Lifetime),
    };

    private readonly Option<string> _clients = new("--client-ca") { HelpName = "FILE", Description = "Take reviews only from clients with a certificate of these authorities, PEM." };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_certificate, _key, _selfManaged, _namespace, _service, _secret, _configuration, _lifetime, _clients];

    /// <summary>Says what does not go together.</summary>
    public void Validate(CommandResult given)
    {
        var managed = given.GetResult(_selfManaged) is not null && given.GetValue(_selfManaged);
        if (managed && (given.GetResult(_certificate) is not null || given.GetResult(_key) is not null))
            given.AddError("--self-managed-certificates and --tls-cert or --tls-key exclude each other; choose one.");
        else if (!managed && (given.GetResult(_certificate) is null || given.GetResult(_key) is null))
            given.AddError("A webhook is served over TLS alone; give a pair with --tls-cert and --tls-key (make certs issues one), or --self-managed-certificates in a cluster.");
    }

    /// <summary>What was chosen.</summary>
    public CertificateSource Source(ParseResult parsed) => parsed.GetValue(_selfManaged)
        ? new CertificateSource.SelfManaged(
            parsed.GetRequiredValue(_namespace),
            parsed.GetRequiredValue(_service),
            parsed.GetRequiredValue(_secret),
            parsed.GetRequiredValue(_configuration),
            parsed.GetValue(_lifetime))
        : new CertificateSource.FromFiles(new CertificateFiles(parsed.GetRequiredValue(_certificate), parsed.GetRequiredValue(_key)));

    /// <summary>The certificate to serve, loaded where it lies in files; false with one sentence where a file is no good.</summary>
    public bool TryLoad(ParseResult parsed, CertificateSource source, DateTimeOffset now, [NotNullWhen(true)] out ServingCertificate? certificate, [NotNullWhen(false)] out string? problem)
    {
        (certificate, problem) = (null, null);
        ClientAuthority? clients = null;
        if (parsed.GetValue(_clients) is { } path && !ClientAuthority.TryRead(path, out clients, out problem))
            return false;
        var empty = new ServingCertificate { Clients = clients };
        if (source is CertificateSource.FromFiles files && !files.Pair.TryLoad(empty, now, out problem))
            return false;
        certificate = empty;
        return true;
    }

    private static Option<string> Name(string option, Func<string> otherwise, string description) => new(option)
    {
        HelpName = "NAME",
        Description = description,
        DefaultValueFactory = _ => otherwise(),
        CustomParser = given => WebhookCommandLine.Read(given, text => IsName(text)
            ? text
            : Parsed<string>.Wrong($"{option} is the name of a Kubernetes object: lower-case letters, digits and dashes, at most 63, not \"{text}\".")),
    };

    private static bool IsName(string text) => text is { Length: > 0 and <= 63 } && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static Parsed<TimeSpan> Lifetime(string text)
    {
        var lifetime = GoDuration.Parse(text);
        return lifetime.IsValid && (lifetime.Value < ShortestLifetime || lifetime.Value > LongestLifetime)
            ? Parsed<TimeSpan>.Wrong("--certificate-lifetime is between 1m and 87600h.")
            : lifetime;
    }
}
