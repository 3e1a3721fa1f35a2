using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Tests.Pods;

public sealed class QuantityTests
{
    public static TheoryData<string, double> Valid => new()
    {
        { "0", 0 },
        { "1000m", 1 },
        { "1500m", 1.5 },
        { "0.5", 0.5 },
        { ".5", 0.5 },
        { "5.", 5 },
        { "+2", 2 },
        { "100u", 0.0001 },
        { "6G", 6e9 },
        { "20Gi", 21474836480 },
        { "1.5Ki", 1536 },
        { "12e6", 12e6 },
        { "12E6", 12e6 },
        { "1E", 1e18 },
        { "1e-3", 0.001 },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Is_read_as_Kubernetes_does(string text, double amount)
    {
        Quantity.TryParse(text, out var read).Should().BeTrue();
        ((double)read).Should().Be(amount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("much")]
    [InlineData("1 G")]
    [InlineData("1KB")]
    [InlineData("1e3Ki")]
    [InlineData("-1")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("Gi")]
    public void Is_refused_where_Kubernetes_would(string text) => Quantity.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Is_never_too_large_to_add_up()
    {
        Quantity.TryParse("79228162514264337593543950335E", out var most).Should().BeTrue();

        (most * 1000).Should().BePositive();
    }

    [Theory]
    [InlineData(4, "4")]
    [InlineData(1.5, "1500m")]
    [InlineData(0.0019, "1m")]
    public void Of_CPUs_is_written_rounded_down(double cpus, string text) => Quantity.FormatCpu((decimal)cpus).Should().Be(text);
}
