using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Yaml;

public sealed class ReadingYamlTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Expected values are what kubectl 1.32 made of the same text, but for digits that it drops.
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("y", "true")]
    [InlineData("N", "false")]
    [InlineData("yEs", "\"yEs\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("017", "15")]
    [InlineData("0o17", "15")]
    [InlineData("0o8", "\"0o8\"")]
    [InlineData("-0x1F", "-31")]
    [InlineData("0b101", "5")]
    [InlineData("08", "8")]
    [InlineData("+12", "12")]
    [InlineData("1_000", "1000")]
    [InlineData("0x_1", "1")]
    [InlineData("1e3", "1e3")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("1.10", "1.10")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("0xFFFFFFFFFFFFFFFFFFFF", "1208925819614629174706175")]
    [InlineData("2001-12-14", "\"2001-12-14\"")]
    [InlineData("190:20:30", "\"190:20:30\"")]
    [InlineData("1000m", "\"1000m\"")]
    [InlineData("_1", "\"_1\"")]
    [InlineData("-", "\"-\"", "- a: \"-\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("Null", "null")]
    [InlineData("\"~\"", "\"~\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("! 12", "\"12\"")]
    [InlineData("!mine 12", "\"12\"")]
    [InlineData("!!int '7'", "7")]
    [InlineData("!!bool yes", "true")]
    [InlineData("!!binary aGVsbG8=", "\"hello\"")]
    [InlineData("{b: 1,}", "{\"b\":1}")]
    public void Reads_a_scalar_as_kubectl_does(string yaml, string json, string? whole = null) =>
        Compact(Read(whole ?? $"- a: {yaml}\n").Single()).Should().Be($"[{{\"a\":{json}}}]");

    [Theory]
    [InlineData("on: 1", "on", "true")]
    [InlineData("010: 1", "010", "8")]
    [InlineData("1.10: 1", "1.10", "1.1")]
    [InlineData("1234567.0: 1", "1234567.0", "1.234567e+06")]
    [InlineData(".00001: 1", ".00001", "1e-05")]
    [InlineData("\"on\": 1", "on", "on")]
    public void Reads_a_key_as_the_text_that_kubectl_sends(string yaml, string _, string key) =>
        Read(yaml).Single().AsObject().Single().Key.Should().Be(key);

    [Fact]
    public void Keeps_documents_in_order_and_passes_over_empty_ones() =>
        Read("# nothing\n---\na: 1\n---\n---\n~\n--- # two\nb: 2\n...\n---\n").Select(Compact).Should().Equal("{\"a\":1}", "{\"b\":2}");

    [Fact]
    public void Reads_nothing_from_an_empty_file() => Read("").Should().BeEmpty();

    [Fact]
    public void Reads_block_scalars_with_their_line_breaks() =>
        Compact(Read("a: |\n  x\n   y\n\nb: >-\n  folded\n  text\nc: |+\n  z\n\n").Single())
            .Should().Be("""{"a":"x\n y\n","b":"folded text","c":"z\n\n"}""");

    [Theory]
    [InlineData("a: &x {p: 1}\nb: *x\n", """{"a":{"p":1},"b":{"p":1}}""")]
    [InlineData("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", """{"a":{"p":1,"q":2},"b":{"p":1,"q":3}}""")]
    [InlineData("a: &x {p: 1}\nc: &y {p: 2, r: 3}\nb:\n  <<: [*x, *y]\n", """{"a":{"p":1},"c":{"p":2,"r":3},"b":{"p":1,"r":3}}""")]
    [InlineData("\"<<\": {p: 1}\n", """{"<<":{"p":1}}""")]
    public void Follows_anchors_and_merges(string yaml, string json) => Compact(Read(yaml).Single()).Should().Be(json);

    [Fact]
    public void An_alias_is_a_copy_of_its_own()
    {
        var document = Read("a: &x {p: 1}\nb: *x\n").Single();

        document["b"]!["p"] = 2;

        document["a"]!["p"]!.GetValue<int>().Should().Be(1);
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, 1, "*\"a\" is here a second time*")]
    [InlineData("yes: 1\ntrue: 2\n", 2, 1, "*\"true\" is here a second time*")]
    [InlineData("a: [1, 2\nb: 3\n", 2, 1, "*not YAML*")]
    [InlineData("- a: 1\n- b\nc: 2\n", 3, 1, "*not YAML*")]
    [InlineData("a: \"x\n", 1, 4, "*not YAML*")]
    [InlineData("a: b: c\n", 1, 5, "*not YAML*")]
    [InlineData("a:\n\t- b\n", 2, 1, "*not YAML*")]
    [InlineData("a: *x\n", 1, 4, "*stands for nothing*")]
    [InlineData("a: &x [*x]\n", 1, 8, "*stands for nothing*")]
    [InlineData("a: &x 1\n---\nb: *x\n", 3, 4, "*stands for nothing*")]
    [InlineData("a: .inf\n", 1, 4, "*no number .inf*")]
    [InlineData("~: 1\n", 1, 1, "*can't be a key*")]
    [InlineData("18446744073709551615: 1\n", 1, 1, "*can't be a key*")]
    [InlineData("[1]: 1\n", 1, 1, "*key must be*")]
    [InlineData("<<: 1\n", 1, 5, "*merges a mapping*")]
    [InlineData("a: !!int abc\n", 1, 4, "*not what its tag !!int says*")]
    [InlineData("a: !!binary '*'\n", 1, 4, "*base64*")]
    public void Says_where_and_what_when_it_cannot_read(string yaml, int line, int column, string sentence)
    {
        var read = () => Read(yaml);

        var problem = read.Should().Throw<DocumentException>().WithMessage(sentence).Which;
        problem.Line.Should().Be(line);
        problem.Column.Should().Be(column);
        problem.Message.Should().StartWith($"Line {line}, column {column}: ").And.EndWith(".").And.NotContain("\n");
    }

    [Fact]
    public void Refuses_aliases_that_multiply()
    {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9)
            .Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        var read = () => Read(yaml);

        read.Should().Throw<DocumentException>().WithMessage("*more than 100000 values*");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("{\"a\": ")]
    public void Refuses_nesting_without_end(string opening)
    {
        var read = () => Read(string.Concat(Enumerable.Repeat(opening, 5000)));

        read.Should().Throw<DocumentException>();
    }

    [Fact]
    public void Whatever_it_is_given_it_reads_or_says_where_it_could_not() => Gen.OneOf(
        "a", ": ", "- ", "\n", "  ", "\n  ", "{", "}", "[", "]", ",", "\"", "'", "|", ">", "&x ", "*x", "!!int ", "!t ", "? ", "#", "---\n", "...\n", "%YAML 1.1\n",
        "<<: ", "\t", "\\", "\u0085", "\u2028", "\0", "é", "😀", "1", "0x", "~", "\r\n", "|2-\n", "\"\\x", ":", "-", "@", "`", "%TAG ! t\n").Array[0, 14].Select(string.Concat)
        .Sample(
            text =>
            {
                try
                {
                    return Read(text) is not null;
                }
                catch (DocumentException problem)
                {
                    return problem is { Line: > 0, Column: > 0 };
                }
            },
            iter: 5000);

    internal static IReadOnlyList<JsonNode> Read(string text) => YamlDocuments.Read(new StringReader(text));

    private static string Compact(JsonNode node) => node.ToJsonString(Relaxed);
}
