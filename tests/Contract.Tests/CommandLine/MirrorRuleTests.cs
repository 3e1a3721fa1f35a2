using CsCheck;
using Stevedore.Contract.CommandLine;

namespace Stevedore.Contract.Tests.CommandLine;

public sealed class MirrorRuleTests
{
    [Theory]
    [InlineData("hf://=https://hub.example.com/", "hf://", "https://hub.example.com/")]
    [InlineData("hf://Qwen/=s3://models/qwen/", "hf://Qwen/", "s3://models/qwen/")]
    [InlineData("s3://bucket/a=b/=file:///mirror/", "s3://bucket/a=b/", "file:///mirror/")]
    public void Splits_at_the_last_equals_sign(string text, string prefix, string target) =>
        MirrorRule.Parse(text).OrThrow().Should().Be(new MirrorRule(prefix, target));

    [Theory]
    [InlineData("")]
    [InlineData("hf://")]
    [InlineData("hf://=")]
    [InlineData("=s3://models/")]
    [InlineData("Qwen/=s3://models/")]
    public void Refuses_what_has_no_scheme_before_it_or_nothing_behind_it(string text) =>
        MirrorRule.Parse(text).Error.Should().Contain($"\"{text}\"").And.Contain("hf://Qwen/=s3://models/qwen/");

    [Fact]
    public void Reading_what_was_written_gives_the_same_rule() =>
        Gen.Select(Gen.OneOf("hf://", "hf://Qwen/", "s3://b/a=b/"), Gen.OneOf("https://hub.example.com/", "s3://models/"))
            .Sample((prefix, target) => MirrorRule.Parse(new MirrorRule(prefix, target).ToString()).OrThrow().Should().Be(new MirrorRule(prefix, target)));
}
