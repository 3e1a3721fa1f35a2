using System.Text.Json.Nodes;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Preview;

public sealed class InjectProcessTests : IDisposable
{
    private const string Pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: nothing-asked\nspec:\n  containers:\n  - name: größe\n    image: busybox\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-inject-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_goes_in_and_an_object_comes_out()
    {
        var file = Write("pod.yaml", Pod);
        using var inject = WebhookProcess.Start("inject", "-f", file, "-o", "json");

        (await inject.ExitAsync(Cancellation)).Should().Be(0);

        JsonNode.Parse(inject.Output)!["spec"]!["containers"]![0]!["name"]!.GetValue<string>().Should().Be("größe");
    }

    [Fact]
    public async Task Standard_input_goes_in_too()
    {
        using var inject = WebhookProcess.Start("inject", "-f", "-", "--namespace", "a", "--namespace-labels", "stevedore.dev/inject=enabled,b=c", "--detected");
        await inject.TypeAsync(Pod);

        (await inject.ExitAsync(Cancellation)).Should().Be(0);

        inject.Output.Should().StartWith("apiVersion: v1\nkind: Pod\n").And.Contain("größe");
    }

    [Theory]
    [InlineData("*'--filename' is required*", "inject")]
    [InlineData("*missing.yaml*", "inject", "-f", "missing.yaml")]
    [InlineData("*yaml, json or patch*", "inject", "-f", "-", "-o", "xml")]
    [InlineData("*yaml, json or patch*", "inject", "-f", "-", "-o", "1")]
    [InlineData("*not a label*", "inject", "-f", "-", "--namespace-labels", "a")]
    [InlineData("*'--polcy'*", "inject", "-f", "-", "--polcy", "x")]
    public async Task A_wrong_command_line_ends_with_64(string sentence, params string[] arguments)
    {
        using var inject = WebhookProcess.Start(arguments);
        await inject.TypeAsync("");

        (await inject.ExitAsync(Cancellation)).Should().Be(64);

        inject.Error.Should().Match(sentence).And.NotContain(" at Stevedore");
        inject.Output.Trim().Should().BeEmpty();
    }

    [Fact]
    public async Task Bytes_that_are_no_text_end_with_64()
    {
        var file = Path.Combine(_folder.FullName, "bytes.yaml");
        await File.WriteAllBytesAsync(file, [0x61, 0x3a, 0x20, 0xff, 0xfe], Cancellation);
        using var inject = WebhookProcess.Start("inject", "-f", file);

        (await inject.ExitAsync(Cancellation)).Should().Be(64);

        inject.Error.Should().Match("stevedore-webhook: *bytes.yaml: *UTF-8*");
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
