using System.Text.Json.Nodes;
using Stevedore.Programs;

namespace Stevedore.Demo.Pods;

/// <summary>An AdmissionReview as a kube-apiserver 1.36 sent it.</summary>
/// <param name="Path">Where the recording lies in the checkout.</param>
/// <param name="Text">The body, byte for byte.</param>
/// <param name="Uid">What the answer must repeat.</param>
/// <param name="Pod">The pod that somebody wants to create.</param>
/// <param name="ModelId">The Hub's name of the model that its annotation asks for.</param>
internal sealed record RecordedReview(string Path, string Text, string Uid, JsonNode Pod, string ModelId)
{
    private const string Recording = "tests/Webhook.Tests/Golden/vllm-minimal/in.json";
    private const string HubScheme = "hf://";

    /// <summary>Reads <c>vllm-minimal</c>.</summary>
    public static RecordedReview Read(Checkout checkout)
    {
        var text = File.ReadAllText(checkout.Source(Recording));
        var request = JsonNode.Parse(text)!["request"]!;
        var reference = request["object"]!["metadata"]!["annotations"]!["stevedore.dev/model"]!.GetValue<string>();
        return new RecordedReview(Recording, text, request["uid"]!.GetValue<string>(), request["object"]!, reference[HubScheme.Length..]);
    }
}
