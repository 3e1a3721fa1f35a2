using Microsoft.Extensions.Time.Testing;
using Stevedore.Certs.Issuing;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Tests.Certificates;

public sealed class ServingGenerationTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(90 * 24 * 60)]
    public void It_is_due_when_two_thirds_of_its_life_are_over_however_short_that_is(int minutes)
    {
        var lifetime = TimeSpan.FromMinutes(minutes);
        var made = ServingGeneration.Issue(ServingNames.Default, lifetime, _clock);
        DueAfter(0).Should().BeFalse("nothing would ever be served");
        DueAfter(0.6).Should().BeFalse();
        DueAfter(0.7).Should().BeTrue();

        bool DueAfter(double share) => made.IsDue(ServingNames.Default, _clock.GetUtcNow() + (lifetime * share));
    }
}
