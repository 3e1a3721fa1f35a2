using Stevedore.Webhook.Commands;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class PolicyCommandTests : IDisposable
{
    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: { name: p, annotations: { stevedore.dev/model: hf://a/b } }
        spec: { containers: [ { name: vllm, image: vllm/vllm-openai } ] }
        """;

    private readonly PolicyFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Validate_names_what_is_valid()
    {
        _folder.Write(PolicyText.Complete + "\n---\n" + PolicyText.With("{}"));

        (await RunAsync("", "validate", "-f", _folder.File)).Should().Be(0);

        _output.ToString().Should().Be("shared-nfs: valid (Shared, priority 100)\np: valid (Local, priority 0)\n");
        _error.ToString().Should().BeEmpty();
    }

    [Fact]
    public async Task Validate_tells_all_that_is_wrong_and_ends_with_65()
    {
        (await RunAsync(PolicyText.With("{ priority: a, strategy: Shared, volume: { persistentVolumeClaim: {} } }"), "validate", "-f", "-")).Should().Be(65);

        _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(
            "stevedore-webhook: standard input: p: spec.priority: is a text; write a number.",
            "stevedore-webhook: standard input: p: spec.volume.persistentVolumeClaim.claimName: is missing; name the claim, which must exist in each namespace.");
        _output.ToString().Should().BeEmpty();
    }

    [Fact]
    public async Task Validate_ends_with_64_where_there_is_no_file()
    {
        (await RunAsync("", "validate", "-f", "/missing/policy.yaml")).Should().Be(64);

        _error.ToString().Should().StartWith("stevedore-webhook: /missing/policy.yaml: ");
    }

    [Fact]
    public async Task Inject_decides_by_the_policies_of_a_file()
    {
        _folder.Write(PolicyText.With("{ mountPath: /cache, namespaceSelector: { matchLabels: { tier: gold } } }", "gold"));

        (await RunAsync(Pod, "inject", "-f", "-", "--policy", _folder.File, "--namespace-labels", "tier=gold")).Should().Be(0);

        _output.ToString().Should().Contain("\"policy\":\"gold\"").And.Contain("mountPath: /cache\n");
    }

    [Theory]
    [InlineData("inject", "-f", "-")]
    [InlineData("serve", "--tls-cert", "TLS", "--tls-key", "TLS")]
    public async Task Nothing_starts_on_a_broken_policy_file(params string[] command)
    {
        using var certificates = new Serving.CertificateFolder();
        _folder.Write(PolicyText.With("{ priority: a, offline: b }"));
        string[] arguments = [.. command, "--policy", _folder.File];
        for (var i = 1; i < arguments.Length; i++)
            arguments[i] = arguments[i] != "TLS" ? arguments[i] : arguments[i - 1] == "--tls-cert" ? certificates.Files.Certificate : certificates.Files.Key;

        (await RunAsync(Pod, arguments)).Should().Be(64);

        _error.ToString().Should().Contain($"{_folder.File}: p: spec.priority: ").And.Contain($"{_folder.File}: p: spec.offline: ");
        _output.ToString().Should().BeEmpty();
    }

    private Task<int> RunAsync(string input, params string[] arguments) => WebhookCommandLine.RunAsync(
        arguments, new Terminal(new StringReader(input), _output, _error), TestContext.Current.CancellationToken);
}
