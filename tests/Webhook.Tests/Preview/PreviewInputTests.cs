using Stevedore.Contract;

namespace Stevedore.Webhook.Tests.Preview;

public sealed class PreviewInputTests : IDisposable
{
    private readonly PreviewRun _preview = new();

    public void Dispose() => _preview.Dispose();

    [Theory]
    [InlineData("a: [1, 2\n", "*standard input: Line 2*not YAML*")]
    [InlineData("kind: Pod\nkind: Pod\n", "*Line 2, column 1*second time*")]
    [InlineData("- a\n", "*Document 1 is no Kubernetes object*")]
    [InlineData("kind: Pod\n---\na: b\n", "*Document 2 is no Kubernetes object*")]
    [InlineData("kind: List\nitems: [{kind: Pod}, 3]\n", "*Item 2 of document 1 is no Kubernetes object*")]
    [InlineData("kind: List\nitems: x\n", "*Document 1 is a List whose items are no list*")]
    public void Bad_input_is_told_and_ends_with_64(string text, string sentence)
    {
        _preview.Run(text).Should().Be(ExitCode.Usage);

        _preview.Error.Should().Match($"stevedore-webhook: {sentence}\n");
        _preview.Output.Should().BeEmpty();
    }

    [Fact]
    public void An_empty_file_gives_nothing()
    {
        _preview.Run("# nothing here\n").Should().Be(ExitCode.Done);

        _preview.Output.Should().BeEmpty();
    }
}
