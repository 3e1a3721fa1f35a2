using Stevedore.Contract.References;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class MaskedTextTests
{
    [Theory]
    [InlineData("args: [--model, 'https://bkt/m/?X-Amz-Signature=S3cr3t']")]
    [InlineData("args: [--model, $(MODEL)], env: [ { name: MODEL, value: 'https://u:S3cr3t@h/x' } ]")]
    [InlineData("args: [a/b, --lora-modules, 'a=https://u:S3cr3t@h/l/']")]
    [InlineData("args: [a/b, --lora-modules, 'a=u:S3cr3t@h/l/']")]
    [InlineData("args: [a/b, --config, 'https://S3cr3t@h/c.yaml']")]
    [InlineData("args: [a/b, --tokenizer, 'gs://bkt/t?token=S3cr3t']")]
    [InlineData("command: [sh, -c, 'vllm serve ${MODEL%https://u:S3cr3t@h/x}']")]
    public void Keeps_a_secret_of_the_command_line_out_of_everything_that_is_said(string container)
    {
        foreach (var model in new[] { "", "stevedore.dev/model: 's3://bkt/x/'" })
        {
            var pod = InjectedPod.FromYaml($$"""
                metadata: { labels: { stevedore.dev/inject: "true" }, annotations: { example.com/x: y, {{model}} } }
                spec: { containers: [ { name: vllm, image: vllm/vllm-openai, {{container}} } ] }
                """);

            var said = $"{pod.Answer.Message}\n{string.Join('\n', pod.Answer.Warnings)}\n{pod.Patch.ToJsonString()}";
            said.Should().NotContain("S3cr3t");
            (pod.Answer.Message + string.Concat(pod.Answer.Warnings)).Should().NotBeEmpty();
        }
    }

    [Theory]
    [InlineData("https://u:p@h/x?y#z", "https://…@h/x?…")]
    [InlineData("https://token@h/x", "https://…@h/x")]
    [InlineData("u:p@h/x", "…@h/x")]
    [InlineData("hf://a@v1/b", "hf://a@v1/b")]
    [InlineData("Qwen/Qwen3-8B", "Qwen/Qwen3-8B")]
    public void Leaves_the_rest_readable(string text, string shown) => ShownText.Of(text).Should().Be(shown);
}
