namespace Stevedore.Webhook.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Runs() => 1.Should().Be(1);
}
