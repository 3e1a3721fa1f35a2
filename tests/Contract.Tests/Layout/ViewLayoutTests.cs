using CsCheck;
using Stevedore.Contract.Layout;

namespace Stevedore.Contract.Tests.Layout;

public sealed class ViewLayoutTests
{
    [Fact]
    public void Names_what_a_workload_is_pointed_at()
    {
        var view = new ViewLayout(ViewLayout.DefaultMountPath);
        view.Hub.Should().Be("/run/stevedore/hub");
        view.Redirect.Should().Be("/run/stevedore/redirect");
        view.Pins.Should().StartWith("/run/stevedore/.stevedore");
    }

    [Theory]
    [InlineData("/models/llama", "at/models/llama")]
    [InlineData("/models/llama/", "at/models/llama")]
    [InlineData("/m", "at/m")]
    public void Gives_a_directory_of_the_workload_its_own_part(string workloadPath, string subPath) =>
        ViewLayout.SubPathFor(workloadPath).Should().Be(subPath);

    [Fact]
    public void A_subPath_is_relative_as_Kubernetes_demands_and_tells_directories_apart() =>
        Gen.Select(WorkloadPath, WorkloadPath).Sample((one, other) =>
        {
            ViewLayout.SubPathFor(one).Should().StartWith("at/").And.NotEndWith("/").And.NotContain("//");
            (ViewLayout.SubPathFor(one) == ViewLayout.SubPathFor(other)).Should().Be(one == other);
        });

    private static Gen<string> WorkloadPath { get; } =
        Gen.OneOf("a", "models", "at", "x.y", "模").Array[1, 3].Select(parts => "/" + string.Join('/', parts));
}
