using System.Text.RegularExpressions;
using CsCheck;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Tests.Values;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*", "")]
    [InlineData("*", "a/b/c")]
    [InlineData("*.json", "config.json")]
    [InlineData("*.json", "sub/config.json")]
    [InlineData("*.json", ".json")]
    [InlineData("model-*-of-*.safetensors", "model-00001-of-00002.safetensors")]
    [InlineData("a*b*c", "abc")]
    [InlineData("a*b*c", "aXbYbZc")]
    [InlineData("*a*a*a*", "aaa")]
    [InlineData("**", "a/b")]
    [InlineData("?", "a")]
    [InlineData("?", "/")]
    [InlineData("?", "\n")]
    [InlineData("a?c", "abc")]
    [InlineData("original/", "original/x")]
    [InlineData("original/", "original/x/y")]
    [InlineData("original/", "original/")]
    [InlineData("/", "/x")]
    [InlineData("", "")]
    [InlineData("[abc]", "b")]
    [InlineData("[a-c]", "b")]
    [InlineData("[!a-c]", "d")]
    [InlineData("[!a-c]", "/")]
    [InlineData("[^a]", "^")]
    [InlineData("[^a]", "a")]
    [InlineData("[]a]", "]")]
    [InlineData("[]a]", "a")]
    [InlineData("[!]a]", "b")]
    [InlineData("[a-]", "-")]
    [InlineData("[-a]", "-")]
    [InlineData("[!-a]", "b")]
    [InlineData("[--/]", ".")]
    [InlineData("[a-c-e]", "-")]
    [InlineData("[a-c-e]", "e")]
    [InlineData("[!c-a]", "b")]
    [InlineData("[c-ax]", "x")]
    [InlineData("[*]", "*")]
    [InlineData("[?]", "?")]
    [InlineData("[[]", "[")]
    [InlineData("[\\]", "\\")]
    [InlineData("[", "[")]
    [InlineData("[a", "[a")]
    [InlineData("[]", "[]")]
    [InlineData("[!]", "[!]")]
    [InlineData("[!", "[!")]
    [InlineData("a[", "a[")]
    [InlineData("*[", "a[")]
    [InlineData("]", "]")]
    [InlineData("a.b", "a.b")]
    [InlineData("\\*", "\\x")]
    [InlineData("(a|b)+$^", "(a|b)+$^")]
    [InlineData("{a,b}", "{a,b}")]
    [InlineData("*[0-9][0-9].bin", "pytorch_model-00012.bin")]
    [InlineData("模*", "模型")]
    [InlineData("?", "\U0001F600")]
    [InlineData("[!a]", "\U0001F600")]
    [InlineData("[\U0001F600-\U0001F610]", "\U0001F604")]
    public void Covers(string pattern, string path) => new Glob(pattern).Matches(path).Should().BeTrue();

    [Theory]
    [InlineData("*.json", "config.JSON")]
    [InlineData("*.json", "config.json.bak")]
    [InlineData("*.json", "configjson")]
    [InlineData("config.json", "sub/config.json")]
    [InlineData("Config.json", "config.json")]
    [InlineData("a*b*c", "aXbY")]
    [InlineData("a*b*c", "acb")]
    [InlineData("?", "")]
    [InlineData("?", "ab")]
    [InlineData("?*", "")]
    [InlineData("original/", "original")]
    [InlineData("original/", "x/original/y")]
    [InlineData("", "a")]
    [InlineData("[abc]", "d")]
    [InlineData("[abc]", "")]
    [InlineData("[a-c]", "-")]
    [InlineData("[a-c]", "ab")]
    [InlineData("[!a-c]", "b")]
    [InlineData("[!a]", "")]
    [InlineData("[]a]", "[")]
    [InlineData("[!]a]", "]")]
    [InlineData("[!-a]", "-")]
    [InlineData("[!-a]", "a")]
    [InlineData("[a-c-e]", "d")]
    [InlineData("[c-a]", "b")]
    [InlineData("[c-a]", "c")]
    [InlineData("[a--]", "a")]
    [InlineData("[", "a")]
    [InlineData("[]", "")]
    [InlineData("\\*", "*")]
    [InlineData("{a,b}", "a")]
    [InlineData("[\U0001F600-\U0001F610]", "\U0001F650")]
    public void Does_not_cover(string pattern, string path) => new Glob(pattern).Matches(path).Should().BeFalse();

    [Fact]
    public void A_star_covers_everything() => Gen.String.Sample(path => new Glob("*").Matches(path).Should().BeTrue());

    [Fact]
    public void A_path_without_marks_covers_itself_alone() =>
        Gen.Select(Plain, Plain).Sample((one, other) => new Glob(one).Matches(other).Should().Be(one == other));

    [Fact]
    public void A_star_anywhere_in_a_path_still_covers_it() =>
        Gen.Select(Plain, Plain, Plain).Sample((start, middle, end) => new Glob($"{start}*{end}x").Matches($"{start}{middle}{end}x").Should().BeTrue());

    [Fact]
    public void Never_throws_whatever_the_pattern() =>
        Gen.Select(Gen.String, Gen.String).Sample((pattern, path) => new Glob(pattern).Matches(path).GetType().Should().Be<bool>());

    [Fact]
    public void Agrees_with_the_regular_expression_that_its_stars_and_marks_mean() =>
        Gen.Select(Short("ab/*?"), Short("ab/")).Sample((pattern, path) =>
        {
            var whole = pattern.EndsWith('/') ? pattern + "*" : pattern;
            var expression = "^" + Regex.Escape(whole).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "\\z";
            new Glob(pattern).Matches(path).Should().Be(Regex.IsMatch(path, expression, RegexOptions.Singleline));
        }, iter: 3000);

    [Fact]
    public void A_pattern_made_to_be_slow_is_decided_in_time() =>
        new Glob(string.Concat(Enumerable.Repeat("*a", 500)) + "b").Matches(new string('a', 3000)).Should().BeFalse();

    [Fact]
    public void Is_the_same_as_another_with_the_same_text()
    {
        new Glob("*.json").Should().Be(new Glob("*.json")).And.NotBe(new Glob("*.JSON"));
        new Glob("*.json").ToString().Should().Be("*.json");
    }

    private static Gen<string> Short(string characters) => Gen.Char[characters].Array[0, 8].Select(text => new string(text));

    private static Gen<string> Plain { get; } = Gen.String["abc/.-_"].Where(text => !text.EndsWith('/'));
}
