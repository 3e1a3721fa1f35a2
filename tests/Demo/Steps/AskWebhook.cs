using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;
using Stevedore.Programs;

namespace Stevedore.Demo.Steps;

/// <summary>Step: the recorded review is put to the webhook, as an API server does.</summary>
internal static class AskWebhook
{
    private static readonly Uri ExplicitDoor = new("/mutate/explicit", UriKind.Relative);

    /// <returns>The JSON Patch.</returns>
    public static async Task<string> RunAsync(
        Scene scene, WebhookProgram webhook, ServingCertificate certificate, RecordedReview review, CancellationToken cancellationToken)
    {
        var step = scene.Begin("A review that kube-apiserver 1.36 sent, put to the webhook", "POST the review");
        string? peer = null;
        using var client = Client(webhook.Address, certificate.Authority, leaf => peer = $"{leaf.Subject}, issued by {leaf.Issuer}");
        using var body = new StringContent(review.Text, Encoding.UTF8, "application/json");
        HttpResponseMessage answer;
        try
        {
            answer = await client.PostAsync(ExplicitDoor, body, cancellationToken);
        }
        catch (HttpRequestException error) when (error.InnerException is AuthenticationException)
        {
            throw new ProgramException($"The webhook's certificate did not pass against the demo's authority: {error.InnerException.Message}");
        }

        using (answer)
        {
            Scene.Require(answer.StatusCode == HttpStatusCode.OK, $"The webhook answered the recorded review with {(int)answer.StatusCode}, not 200.");
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            step.Stop();
            var response = JsonNode.Parse(text)!["response"]!;
            Scene.Require(response["uid"]?.GetValue<string>() == review.Uid, "The webhook's answer is to another review: its uid differs.");
            Scene.Require(response["allowed"]!.GetValue<bool>(), $"The webhook denied the recorded pod: {response["status"]?["message"]}");
            Scene.Require(response["patchType"]?.GetValue<string>() == "JSONPatch", $"The webhook answered without a patch; warnings: {response["warnings"]?.ToJsonString()}");
            var patch = Encoding.UTF8.GetString(Convert.FromBase64String(response["patch"]!.GetValue<string>()));
            Scene.Require(peer is not null, "The webhook was spoken to without a certificate.");

            var operations = JsonNode.Parse(patch)!.AsArray();
            scene.Stage.Facts(
                ("review", $"{review.Path}, {Bytes.Text(Encoding.UTF8.GetByteCount(review.Text))}"),
                ("certificate", $"{peer}: checked against the demo's authority alone"),
                ("answer", $"{(int)answer.StatusCode} over HTTP/{answer.Version}: allowed, uid {response["uid"]}, {response["warnings"]?.AsArray().Count ?? 0} warnings"),
                ("patch", $"{operations.Count} operations, {Bytes.Text(patch.Length)}, all of them \"{string.Join("\", \"", operations.Select(o => o!["op"]!.GetValue<string>()).Distinct())}\""));
            step.Close($"first connection; patch of {operations.Count} operations");
            return patch;
        }
    }

    private static HttpClient Client(Uri address, X509Certificate2 authority, Action<X509Certificate2> onPeer)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    if (certificate is X509Certificate2 leaf)
                        onPeer(leaf);
                    return errors == SslPolicyErrors.None;
                },
            },
        };
        return new HttpClient(handler) { BaseAddress = address, DefaultRequestVersion = HttpVersion.Version20, Timeout = TimeSpan.FromSeconds(10) };
    }
}
