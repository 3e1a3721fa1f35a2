using CsCheck;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Tests.Values;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("128974848", 128974848)]
    [InlineData(" 1Ki ", 1024)]
    [InlineData("512Mi", 512L << 20)]
    [InlineData("2Gi", 2L << 30)]
    [InlineData("2G", 2_000_000_000)]
    [InlineData("1k", 1_000)]
    [InlineData("1.5Gi", 3L << 29)]
    [InlineData(".5Ki", 512)]
    [InlineData("1.Ki", 1024)]
    [InlineData("+1Ki", 1024)]
    [InlineData("1e3", 1_000)]
    [InlineData("1E3", 1_000)]
    [InlineData("12e-1", 2)]
    [InlineData("1E", 1_000_000_000_000_000_000)]
    [InlineData("7Ei", 7L << 60)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Reads_a_quantity_as_Kubernetes_does(string text, long bytes) => ByteSize.Parse(text).OrThrow().Bytes.Should().Be(bytes);

    [Theory]
    [InlineData("1m", 1)]
    [InlineData("1001m", 2)]
    [InlineData("1u", 1)]
    [InlineData("1n", 1)]
    [InlineData("0.1", 1)]
    [InlineData("0.0000000001Ki", 1)]
    public void Rounds_a_fraction_of_a_byte_up_as_Kubernetes_does(string text, long bytes) => ByteSize.Parse(text).OrThrow().Bytes.Should().Be(bytes);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-1")]
    [InlineData("Mi")]
    [InlineData("1 Mi")]
    [InlineData("1mi")]
    [InlineData("1K")]
    [InlineData("1KiB")]
    [InlineData("1MB")]
    [InlineData("1e3Mi")]
    [InlineData("1,5Gi")]
    [InlineData("1.5.5Gi")]
    [InlineData("0x10")]
    [InlineData("١Mi")]
    [InlineData("8Ei")]
    [InlineData("9223372036854775808")]
    [InlineData("1e400")]
    [InlineData("99999999999999999999999999999999999999999999")]
    public void Refuses_what_is_no_quantity_or_no_size(string text) =>
        ByteSize.Parse(text).Error.Should().Contain($"\"{text}\"").And.Contain("512Mi");

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1023, "1023")]
    [InlineData(1024, "1Ki")]
    [InlineData(1536, "1536")]
    [InlineData(512L << 20, "512Mi")]
    [InlineData(2_000_000_000, "1953125Ki")]
    public void Is_written_with_the_largest_binary_unit_that_is_exact(long bytes, string text) => new ByteSize(bytes).ToString().Should().Be(text);

    [Fact]
    public void Reading_what_was_written_gives_the_same_size() =>
        Gen.OneOf(Gen.Long[0, long.MaxValue], Gen.Select(Gen.Long[0, 7], Gen.Int[0, 60], (number, shift) => number << shift))
            .Sample(bytes => ByteSize.Parse(new ByteSize(bytes).ToString()).OrThrow().Should().Be(new ByteSize(bytes)));

    [Fact]
    public void Never_throws() =>
        Gen.OneOf(Gen.String, Gen.String["0123456789.eEkKMGTPimnu+- "]).Sample(text =>
        {
            if (ByteSize.Parse(text) is { IsValid: true } size)
                size.Value.Bytes.Should().BeGreaterThanOrEqualTo(0);
        });
}
