using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Fetching;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Upkeep;

/// <summary>Two that verify one cache, and a fetch that repairs in between.</summary>
public sealed class VerifyRaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedSource _source = new(ModelReference.Parse("hf://owner/model").OrThrow());

    private CacheLayout Cache => new(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_another_has_withdrawn_and_a_fetch_repaired_is_left_alone()
    {
        var weights = await FetchAndRot();
        var (folder, completion) = new VersionRecords(Cache).Completions().Single();
        var found = new ContentCheck(new FetchMeter()).FindWrong(new Snapshot(Cache, folder, completion.Version), completion.Files, default);
        found.Should().ContainSingle();

        // The slower of the two has hashed what the faster one withdraws.
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().ContainSingle().Which.IsWithdrawn.Should().BeTrue();
        await FlowRun.Of(_source, Cache.Root);
        using (var slower = new Withdrawal(Cache, TimeProvider.System))
            slower.Withdraw(folder, completion.Version, completion, found).Should().BeEquivalentTo(new WithdrawalResult([], true));
        File.ReadAllText(weights).Should().Be("weights");
        new VersionRecords(Cache).Completions().Should().ContainSingle();
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().ContainSingle().Which.Wrong.Should().BeEmpty();
    }

    [Fact]
    public async Task A_blob_that_two_versions_share_is_withdrawn_once_and_both_are_incomplete()
    {
        await FetchAndRot();
        _source.Publish(("config.json", "2"), ("weights", "weights"));
        await FlowRun.Of(_source, Cache.Root, command => command with { Refresh = TimeSpan.Zero });
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().HaveCount(2).And.OnlyContain(version => version.Wrong.Count == 1 && version.IsWithdrawn);
        new VersionRecords(Cache).Completions().Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(Cache.Trash).Should().BeEmpty();
    }

    [Fact]
    public async Task Whatever_stands_in_a_blobs_place_is_withdrawn()
    {
        var weights = await FetchAndRot();
        var blob = new FileInfo(weights).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        File.Delete(blob);
        Directory.CreateDirectory(blob + "/full/of");
        File.WriteAllText(blob + "/full/of/files", "x");
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().ContainSingle().Which.IsWithdrawn.Should().BeTrue();
        await FlowRun.Of(_source, Cache.Root);
        File.ReadAllText(weights).Should().Be("weights");
    }

    private async Task<string> FetchAndRot()
    {
        _source.Publish(("config.json", "1"), ("weights", "weights"));
        var weights = Path.Combine((await FlowRun.Of(_source, Cache.Root))[0], "weights");
        File.WriteAllText(weights, "WEIGHTS");
        return weights;
    }
}
