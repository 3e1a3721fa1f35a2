using CsCheck;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Tests.Values;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("90s", 90_000)]
    [InlineData("10m", 600_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("30m1h", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1_000)]
    [InlineData("250ms", 250)]
    [InlineData("1000us", 1)]
    [InlineData("1000\u00B5s", 1)]
    [InlineData("1000\u03BCs", 1)]
    [InlineData("1000000ns", 1)]
    [InlineData(" 10m ", 600_000)]
    public void Reads_a_duration_as_Go_does(string text, int milliseconds) =>
        GoDuration.Parse(text).OrThrow().Should().Be(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("-1s")]
    [InlineData("1S")]
    [InlineData("1d")]
    [InlineData("1min")]
    [InlineData("1h 30m")]
    [InlineData("1..5s")]
    [InlineData("1,5s")]
    [InlineData("1e3s")]
    [InlineData("١s")]
    [InlineData("256204779h")]
    [InlineData("256204778h60m")]
    [InlineData("99999999999999999999999999999999s")]
    public void Refuses_what_is_no_duration(string text) => GoDuration.Parse(text).Error.Should().Contain($"\"{text}\"").And.Contain("1h30m");

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(90_000, "1m30s")]
    [InlineData(600_000, "10m")]
    [InlineData(3_600_250, "1h250ms")]
    public void Is_written_without_the_units_that_are_zero(int milliseconds, string text) =>
        GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(text);

    [Fact]
    public void Reading_what_was_written_gives_the_same_duration_to_the_tick() =>
        Gen.OneOf(Gen.Long[0, long.MaxValue], Gen.Long[0, 1_000_000], Gen.Const(long.MaxValue)).Select(TimeSpan.FromTicks)
            .Sample(duration => GoDuration.Parse(GoDuration.Format(duration)).OrThrow().Should().Be(duration));

    [Fact]
    public void Is_not_written_when_negative()
    {
        var format = () => GoDuration.Format(TimeSpan.FromTicks(-1));
        format.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Never_throws() =>
        Gen.OneOf(Gen.String, Gen.String["0123456789.hmsun\u00B5 -"]).Sample(text =>
        {
            if (GoDuration.Parse(text) is { IsValid: true } duration)
                duration.Value.Should().BeGreaterThanOrEqualTo(TimeSpan.Zero);
        });

    [Fact]
    public void Reads_an_annotation_of_the_greatest_size_without_copying_it_over_and_over()
    {
        // 256 KiB is what Kubernetes lets annotations have; a copy for each unit would be 17 GB.
        var before = GC.GetAllocatedBytesForCurrentThread();
        GoDuration.Parse(string.Concat(Enumerable.Repeat("1s", 128 << 10))).OrThrow().Should().Be(TimeSpan.FromSeconds(128 << 10));
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(32 << 20);
    }
}
