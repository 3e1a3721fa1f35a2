using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Tests.Admission;

/// <summary>Reviews to send, and answers to look at.</summary>
internal static class Reviews
{
    public const string Uid = "e0793862-7d6f-40b9-b3ad-f263cc5a79bb";

    /// <summary>What a kube-apiserver 1.36 sent for an annotated pod.</summary>
    public static JsonNode Recorded => JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "vllm-minimal", "in.json")))!;

    public static HttpContent Body(string text, string? type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return content;
    }

    public static HttpContent Body(JsonNode review) => Body(review.ToJsonString());

    public static async Task<JsonNode> AnswerAsync(this HttpClient client, JsonNode review, string door = "explicit")
    {
        using var body = Body(review);
        using var answer = await client.PostAsync(new Uri($"/mutate/{door}?timeout=10s", UriKind.Relative), body, TestContext.Current.CancellationToken);
        answer.StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        json["apiVersion"]!.GetValue<string>().Should().Be("admission.k8s.io/v1");
        json["kind"]!.GetValue<string>().Should().Be("AdmissionReview");
        return json["response"]!;
    }
}
