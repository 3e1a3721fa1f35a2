using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class PolicyFileTests : IDisposable
{
    private static readonly string First = PolicyText.With("{}", "first");
    private static readonly string Second = PolicyText.With("{}", "second");

    private readonly PolicyFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LogLines _logs = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_changed_file_is_taken_into_use()
    {
        var file = Load(_folder.Write(First).File);
        using var reload = await StartAsync(file);

        _folder.Write(Second);
        await _logs.UntilAsync("into use: 1 policies", Cancellation, Tick);

        Names(file).Should().Equal("second");
    }

    [Fact]
    public async Task A_changed_config_map_is_taken_into_use()
    {
        var file = Load(_folder.Project(First).Projected);
        using var reload = await StartAsync(file);

        _folder.Project(Second + "\n---\n" + First);
        await _logs.UntilAsync("into use: 2 policies", Cancellation, Tick);

        Names(file).Should().Equal("first", "second");
    }

    [Theory]
    [InlineData("not yaml: [", "This is not YAML")]
    [InlineData("", "There is no policy in it")]
    [InlineData(null, "It can't be read")]
    [InlineData("{ apiVersion: stevedore.dev/v1alpha1, kind: ModelCachePolicy, metadata: { name: second }, spec: { strategy: Sharde } }", "second: spec.strategy: is \"Sharde\"; did you mean Shared?")]
    public async Task A_broken_edit_keeps_the_last_good_policies_and_says_so_once(string? text, string sentence)
    {
        var file = Load(_folder.Write(First).File);
        using var reload = await StartAsync(file);

        if (text is null)
            File.Delete(_folder.File);
        else
            _folder.Write(text);
        await _logs.UntilAsync(sentence, Cancellation, Tick);
        for (var i = 0; i < 5; i++)
            Tick();

        Names(file).Should().Equal("first");
        _folder.Write(Second);
        await _logs.UntilAsync("into use: 1", Cancellation, Tick);
        Names(file).Should().Equal("second");
        _logs.All.Should().ContainSingle(line => line.Contains(sentence, StringComparison.Ordinal)).Which.Should().StartWith("Error")
            .And.Contain("the 1 policies in force until now stay");
    }

    [Fact]
    public async Task Warns_of_policies_that_select_by_labels_which_a_file_does_not_bring()
    {
        var byName = PolicyText.With("{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: inference } } }", "by-name");
        var file = Load(_folder.Write(byName + "\n---\n" + PolicyText.With("{ namespaceSelector: { matchLabels: { tier: gold } } }", "by-tier")).File);
        using var reload = await StartAsync(file);

        await _logs.UntilAsync("Policy by-tier selects namespaces by tier", Cancellation);

        _logs.All.Should().NotContain(line => line.Contains("Policy by-name", StringComparison.Ordinal));
    }

    [Fact]
    public void Tells_all_that_is_wrong_when_it_is_first_loaded()
    {
        var file = new PolicyFile(_folder.Write(PolicyText.With("{ priority: a, strategy: b }")).File);

        file.Load().Should().HaveCount(2);
        file.IsLoaded.Should().BeFalse();
        file.Current.Should().BeSameAs(PolicySet.Empty);
    }

    private static PolicyFile Load(string path)
    {
        var file = new PolicyFile(path);
        file.Load().Should().BeEmpty();
        return file;
    }

    private static IEnumerable<string> Names(PolicyFile file) => file.Current.Ranked.Select(policy => policy.Name);

    private async Task<PolicyReload> StartAsync(PolicyFile file)
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        var reload = new PolicyReload(file, _clock, factory.CreateLogger<PolicyReload>());
        await reload.StartAsync(Cancellation);
        return reload;
    }

    private void Tick() => _clock.Advance(PolicyReload.Period);
}
