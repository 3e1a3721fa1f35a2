using CsCheck;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;

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
    [InlineData("hf://=https://hub.example.com", "https://hub.example.com/")]
    [InlineData("hf://=s3://models", "s3://models/")]
    public void A_target_is_a_folder_also_where_nobody_said_so(string text, string target) =>
        MirrorRule.Parse(text).OrThrow().Target.Should().Be(target);

    [Theory]
    [InlineData("")]
    [InlineData("hf://")]
    [InlineData("=s3://models/")]
    [InlineData("Qwen/=s3://models/")]
    public void Refuses_what_has_no_scheme_before_it(string text) =>
        MirrorRule.Parse(text).Error.Should().Contain($"\"{text}\"").And.Contain("hf://Qwen/=s3://models/qwen/");

    [Theory]
    [InlineData("hf://=oci://registry.example/models:1", "can't be")]
    [InlineData("hf://=pvc://claim/path", "can't be")]
    [InlineData("hf://=elsewhere", "OWNER/NAME")]
    [InlineData("hf://=ftp://elsewhere/", "unknown scheme")]
    public void Refuses_a_target_that_nothing_is_fetched_from(string text, string because) =>
        MirrorRule.Parse(text).Error.Should().Contain(because);

    [Fact]
    public void A_password_in_a_target_is_refused_and_not_repeated() =>
        MirrorRule.Parse("hf://=https://user:secret@hub.example.com/").Error.Should().Contain("password").And.NotContain("secret@");

    [Fact]
    public void An_empty_target_is_the_original()
    {
        var rule = MirrorRule.Parse("hf://=").OrThrow();

        rule.Should().Be(MirrorRule.Original("hf://"));
        rule.IsOriginal.Should().BeTrue();
    }

    [Fact]
    public void The_rules_with_the_longest_prefix_are_the_whole_list_of_places_in_their_order()
    {
        MirrorRule[] rules = [new("hf://", "https://hub.example.com/"), new("hf://Qwen/", "s3://b/"), MirrorRule.Original("hf://"), new("hf://Qwen/", "s3://a/")];

        MirrorRule.For(new HubReference("Qwen", "Qwen3-8B", null), rules).Select(rule => rule.Target).Should().Equal("s3://b/", "s3://a/");
        MirrorRule.For(new HubReference("meta", "llama", null), rules).Select(rule => rule.Target).Should().Equal("https://hub.example.com/", "");
        MirrorRule.For(new S3Reference("bucket", ""), rules).Should().BeEmpty();
    }

    [Fact]
    public void Reading_what_was_written_gives_the_same_rule() =>
        Gen.Select(Gen.OneOf("hf://", "hf://Qwen/", "s3://b/a=b/"), Gen.OneOf("https://hub.example.com/", "s3://models/", ""))
            .Sample((prefix, target) => MirrorRule.Parse(new MirrorRule(prefix, target).ToString()).OrThrow().Should().Be(new MirrorRule(prefix, target)));
}
