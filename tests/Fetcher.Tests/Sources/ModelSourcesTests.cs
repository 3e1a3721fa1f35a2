using Stevedore.Contract;

namespace Stevedore.Fetcher.Tests.Sources;

public sealed class ModelSourcesTests
{
    [Theory]
    [InlineData("pvc://claim/models/llama", "mounted")]
    [InlineData("oci://registry.example/models/llama:1", "mounted")]
    public void What_can_not_be_fetched_is_refused_with_the_way_out(string reference, string because)
    {
        using var sources = new SourceSetup();

        var failure = sources.Invoking(it => it.For(reference)).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain(reference).And.Contain(because);
    }
}
