using Stevedore.Programs;

namespace Stevedore.Chaos.Tests;

/// <summary>Every part of <c>make chaos</c> in seconds: the same rules, fewer rounds, smaller models, and no limits on what a busy machine may take.</summary>
[Collection("one at a time")]
public sealed class ShortChaosTests
{
    private const int Rounds = 4;
    private const int Seed = 20;

    public static TheoryData<string> Parts => [.. ChaosCommandLine.Parts.Keys];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Keeps_what_is_promised(string part)
    {
        using var scratch = TemporaryFolder.For("stevedore-chaos-test");
        var run = new ChaosRun(Checkout.Find(), scratch, new ChaosSettings(Seed, Rounds, IsShort: true));
        await ChaosCommandLine.Parts[part](run).RunAsync(TestContext.Current.CancellationToken);
        run.Figures.Where(figure => !figure.Holds).Should().BeEmpty();
        (run.Figures.Count > 0 || run.LeftOut.Count > 0).Should().BeTrue("a part shows something, or says why it can't here");
    }
}
