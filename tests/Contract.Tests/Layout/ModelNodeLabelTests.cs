using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Tests.Layout;

public sealed class ModelNodeLabelTests
{
    private static string Key(string reference, string cache = "disk", string? include = null) =>
        ModelNodeLabel.KeyFor(ModelReference.Parse(reference).OrThrow(), include is null ? [] : [new Glob(include)], [], cache);

    /// <summary>printf 'hf://Qwen/Qwen3-8B\nmain\ndefault\ndisk\n' | sha256sum</summary>
    [Fact]
    public void Is_the_digest_that_a_shell_computes() =>
        Key("hf://Qwen/Qwen3-8B").Should().Be("models.stevedore.dev/708c75676d66a611da6240d8cc1c86de");

    [Fact]
    public void Is_a_name_that_kubernetes_takes_for_a_label()
    {
        var key = Key("https://host.example/a/very/long/path/that/no/label/could/hold/with/all/of/its/parts/");

        key.Should().MatchRegex("^models\\.stevedore\\.dev/[0-9a-f]{32}$");
    }

    [Theory]
    [InlineData("hf://a/b", "hf://a/b@main")]
    [InlineData("a/b", "hf://a/b")]
    [InlineData("s3://bkt/x", "s3://bkt/x/")]
    public void Is_the_same_for_the_same_question(string one, string other) => Key(one).Should().Be(Key(other));

    [Theory]
    [InlineData("hf://a/b@v1")]
    [InlineData("hf://a/c")]
    [InlineData("s3://bkt/b/")]
    public void Differs_by_model_and_revision(string other) => Key(other).Should().NotBe(Key("hf://a/b"));

    [Fact]
    public void Differs_by_cache_and_by_filter()
    {
        Key("hf://a/b", cache: "other disk").Should().NotBe(Key("hf://a/b"));
        Key("hf://a/b", include: "*.gguf").Should().NotBe(Key("hf://a/b"));
    }
}
