using System.Text.Json.Nodes;
using CsCheck;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Yaml;

public sealed class WritingYamlTests
{
    [Fact]
    public void Lays_objects_out_as_kubectl_does() => YamlDocuments.Write(JsonNode.Parse("""
        {"kind":"Pod","metadata":{"name":"x","labels":{}},"spec":{"containers":[{"name":"a","args":["--model","Qwen/Qwen3-8B","8000",""],
        "resources":{"requests":{"cpu":1}}},[[1,2],[]]],"on":true,"x":null,"script":"set -e\nvllm serve  # it\n","two":"a\nb","long":1.10}}
        """)!).Should().Be("""
        kind: Pod
        metadata:
          name: x
          labels: {}
        spec:
          containers:
          - name: a
            args:
            - --model
            - Qwen/Qwen3-8B
            - "8000"
            - ""
            resources:
              requests:
                cpu: 1
          - - - 1
              - 2
            - []
          "on": true
          x: null
          script: |
            set -e
            vllm serve  # it
          two: |-
            a
            b
          long: 1.10

        """);

    [Theory]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("~", "\"~\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("no", "\"no\"")]
    [InlineData("0x1f", "\"0x1f\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("2026-11-23T19:49:24Z", "\"2026-11-23T19:49:24Z\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a:b", "a:b")]
    [InlineData("a #b", "\"a #b\"")]
    [InlineData("{\"a\":1}", "'{\"a\":1}'")]
    [InlineData("it's", "it's")]
    [InlineData("\"it's\"", "'\"it''s\"'")]
    [InlineData("--- x", "\"--- x\"")]
    [InlineData("- x", "\"- x\"")]
    [InlineData("tab\there", "\"tab\\there\"")]
    [InlineData("bell\a", "\"bell\\u0007\"")]
    [InlineData("line\u2028separator", "\"line\\u2028separator\"")]
    [InlineData("名前 😀", "名前 😀")]
    [InlineData("trailing \nspace", "\"trailing \\nspace\"")]
    [InlineData("\nfirst", "\"\\nfirst\"")]
    [InlineData("carriage\r\nreturn", "\"carriage\\r\\nreturn\"")]
    public void Quotes_a_text_only_where_it_could_be_mistaken(string text, string yaml) =>
        YamlDocuments.Write(JsonValue.Create(text)).Should().Be(yaml + "\n");

    [Fact]
    public void Separates_documents() =>
        YamlDocuments.Write([JsonNode.Parse("""{"a":1}""")!, JsonNode.Parse("[]")!]).Should().Be("a: 1\n---\n[]\n");

    [Fact]
    public void Writes_a_long_key_so_that_other_readers_accept_it()
    {
        var document = new JsonObject { ["first"] = 1, [new string('k', 2000)] = new JsonArray("x") };

        var yaml = YamlDocuments.Write(document);

        yaml.Should().Contain("\n? kkk");
        JsonNode.DeepEquals(ReadingYamlTests.Read(yaml).Single(), document).Should().BeTrue();
    }

    [Fact]
    public void What_it_writes_reads_back_the_same() => ArbitraryJson.Node.Where(node => node is not null).Sample(
        node => ReadingYamlTests.Read(YamlDocuments.Write(node!)) is [var back] && JsonNode.DeepEquals(back, node),
        iter: 2000, print: node => node!.ToJsonString());

    [Fact]
    public void Several_documents_read_back_the_same() => ArbitraryJson.Node.Where(node => node is not null).Array[0, 4].Sample(
        nodes => ReadingYamlTests.Read(YamlDocuments.Write(nodes!)) is var back && back.Count == nodes.Length
            && back.Zip(nodes).All(pair => JsonNode.DeepEquals(pair.First, pair.Second)),
        iter: 500, print: nodes => YamlDocuments.Write(nodes!));
}
