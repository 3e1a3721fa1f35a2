using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Yaml;

public sealed class ReadingJsonTests
{
    [Theory]
    [InlineData("""{"a":"b\/c"}""", "a", "b/c")]
    [InlineData("""{"a":"\ud83d\ude00"}""", "a", "😀")]
    [InlineData("{\n\t\"a\":\t\"tab\"}", "a", "tab")]
    [InlineData("""{"a":"yes"}""", "a", "yes")]
    public void Reads_json_by_its_own_rules(string json, string key, string value) =>
        ReadingYamlTests.Read(json).Single()[key]!.GetValue<string>().Should().Be(value);

    [Fact]
    public void Reads_documents_that_follow_each_other() =>
        ReadingYamlTests.Read("{\"a\":1}\n{\"b\":[2,null]} {\"c\":1e400}").Select(d => d.ToJsonString())
            .Should().Equal("{\"a\":1}", "{\"b\":[2,null]}", "{\"c\":1e400}");

    [Fact]
    public void Takes_a_yaml_flow_mapping_for_yaml() => ReadingYamlTests.Read("{a: yes}").Single().ToJsonString().Should().Be("{\"a\":true}");

    [Theory]
    [InlineData("{\"a\": 1,\n  \"é\": 2, \"a\": 3}", 2, 11, "*\"a\" is here a second time*")]
    [InlineData("{\"a\": \"\\ud800\"}", 1, 7, "*surrogate*")]
    [InlineData("{\"a\": [1, 2}", 1, 12, "*not YAML*")]
    public void Says_where_and_what_when_it_cannot_read(string json, int line, int column, string sentence)
    {
        var read = () => ReadingYamlTests.Read(json);

        var problem = read.Should().Throw<DocumentException>().WithMessage(sentence).Which;
        (problem.Line, problem.Column).Should().Be((line, column));
    }
}
