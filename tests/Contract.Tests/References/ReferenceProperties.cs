using CsCheck;
using Stevedore.Contract.References;

namespace Stevedore.Contract.Tests.References;

public sealed class ReferenceProperties
{
    private const int Many = 3000;

    [Fact]
    public void Reading_what_was_written_gives_the_same_reference() =>
        ArbitraryReference.Any.Sample(
            reference => ModelReference.Parse(reference.ToString()).OrThrow().Should().Be(reference), iter: Many);

    [Fact]
    public void Equal_references_are_written_alike_and_different_ones_differently() =>
        Gen.Select(ArbitraryReference.Any, ArbitraryReference.Any).Sample((one, other) =>
            one.Equals(other).Should().Be(one.ToString() == other.ToString(), "of {0} and {1}", one, other), iter: Many);

    [Fact]
    public void Whatever_is_read_is_read_again_from_its_own_text() =>
        Hostile.Sample(text =>
        {
            if (ModelReference.Parse(text) is not { IsValid: true } parsed)
                return;
            var written = parsed.Value.ToString();
            ModelReference.Parse(written).OrThrow().Should().Be(parsed.Value);
            ModelReference.Parse(written).OrThrow().ToString().Should().Be(written);
        }, iter: Many);

    [Fact]
    public void Whatever_is_refused_is_refused_with_one_printable_sentence() =>
        Hostile.Sample(text =>
        {
            if (ModelReference.Parse(text) is { IsValid: false } parsed)
                parsed.Error.Should().EndWith(".").And.NotMatchRegex(@"\p{C}");
        }, iter: Many);

    /// <summary>Texts close to references: pieces that mean something, in any order, and any characters between.</summary>
    internal static Gen<string> Hostile { get; } = Gen.OneOf(
        Gen.OneOf(
            "hf://", "s3://", "http://", "https://", "file://", "pvc://", "oci://", "ftp://", "HF://", "/", "//", "..", ".", "@", ":", "?", "#", "%2e", "%2F", "%00", "%5c",
            "%25", "\\", "a", "b", "Qwen", "bucket", "example.com", ":443", "user:pw@", "--", ".git", " ", "\n", "\u001b", "=", ",", "模", "sha256:", "-"),
        Gen.Char.Select(character => character.ToString())).Array[0, 8].Select(pieces => string.Concat(pieces));
}
