using CsCheck;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Contract.Tests.References;

namespace Stevedore.Contract.Tests.CommandLine;

public sealed class ModelAliasTests
{
    [Theory]
    [InlineData("hf://Qwen/Qwen3-8B=qwen", "hf://Qwen/Qwen3-8B", "qwen", false)]
    [InlineData("Qwen/Qwen3-8B=Qwen/Qwen3-8B", "hf://Qwen/Qwen3-8B", "Qwen/Qwen3-8B", false)]
    [InlineData("hf://Qwen/Qwen3-8B@main=/models/qwen", "hf://Qwen/Qwen3-8B@main", "/models/qwen", true)]
    [InlineData("s3://bucket/a=b/=/models/qwen", "s3://bucket/a=b/", "/models/qwen", true)]
    [InlineData("https://host/x=y/=name", "https://host/x=y/", "name", false)]
    [InlineData("hf://a/b=a name with spaces", "hf://a/b", "a name with spaces", false)]
    public void Splits_at_the_last_equals_sign(string text, string reference, string alias, bool isDirectory)
    {
        var parsed = ModelAlias.Parse(text).OrThrow();
        parsed.Should().Be(new ModelAlias(ModelReference.Parse(reference).OrThrow(), alias));
        parsed.IsDirectory.Should().Be(isDirectory);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hf://a/b")]
    [InlineData("=name")]
    [InlineData("hf://a/b=")]
    [InlineData("hf://a/b=/")]
    [InlineData("hf://a/b=//")]
    [InlineData("hf://a/b=/models/../etc")]
    [InlineData("hf://a/b=/models/..")]
    [InlineData("hf://a/b=/./models")]
    [InlineData("hf://a/b=/models//llama")]
    [InlineData("hf://a/b=na\tme")]
    [InlineData("hf://a/b=na\nme")]
    [InlineData("hf://a/b=na\0me")]
    public void Refuses_what_names_nothing_or_could_leave_its_place(string text) =>
        ModelAlias.Parse(text).Error.Should().Contain("hf://Qwen/Qwen3-8B=/models/qwen").And.NotMatchRegex(@"\p{Cc}");

    [Fact]
    public void Says_what_is_wrong_with_the_reference() => ModelAlias.Parse("ftp://a/b=name").Error.Should().Contain("ftp").And.Contain("hf");

    [Fact]
    public void Reading_what_was_written_gives_the_same_alias() =>
        Gen.Select(ArbitraryReference.Any, Gen.OneOf("qwen", "Qwen/Qwen3-8B", "/models/qwen", "/模型", "a b", "-x", "@x"))
            .Sample((reference, alias) => ModelAlias.Parse(new ModelAlias(reference, alias).ToString()).OrThrow().Should().Be(new ModelAlias(reference, alias)));

    [Fact]
    public void Never_throws() =>
        Gen.Select(ReferenceProperties.Hostile, Gen.String).Sample((reference, alias) => ModelAlias.Parse($"{reference}={alias}").IsValid.GetType().Should().Be<bool>());
}
