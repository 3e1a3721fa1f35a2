using System.Text;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class AdmissionWarningsTests
{
    [Fact]
    public void Are_at_most_120_characters_long_and_4_KiB_in_all()
    {
        var warnings = new AdmissionWarnings();
        for (var i = 0; i < 100; i++)
            warnings.Add($"{i} {new string('組', 500)}");

        warnings.All.Should().NotBeEmpty().And.OnlyContain(warning => warning.Length <= 120);
        warnings.All.Sum(Encoding.UTF8.GetByteCount).Should().BeLessThanOrEqualTo(4096).And.BeGreaterThan(3500);
    }

    [Fact]
    public void Are_said_once()
    {
        var warnings = new AdmissionWarnings();
        warnings.Add("x");
        warnings.Add("x");

        warnings.All.Should().Equal("stevedore: x");
    }

    [Fact]
    public void Fit_into_a_header_and_never_end_in_half_a_character()
    {
        var warnings = new AdmissionWarnings();
        warnings.Add("one\ntwo\u0007");
        warnings.Add(new string('x', 107) + "𝔘𝔘𝔘");

        warnings.All[0].Should().Be("stevedore: one two ");
        warnings.All[1].Should().EndWith("x…").And.HaveLength(119);
    }

    [Fact]
    public void Of_a_real_pod_stay_within_the_bounds()
    {
        var annotations = string.Join(", ", Enumerable.Range(0, 200).Select(i => $"stevedore.dev/{new string('n', 60)}{i}: x"));

        var pod = InjectedPod.FromYaml($"metadata: {{ annotations: {{ stevedore.dev/model: hf://a/b, {annotations} }} }}\nspec: {{ containers: [ {{ name: a, image: x }} ] }}");

        pod.ShouldBeInjected().Answer.Warnings.Should().OnlyContain(warning => warning.Length <= 120);
    }
}
