using Stevedore.Programs;

namespace Stevedore.Chaos.Tests;

/// <summary>Volumes that are less than they seem, or see later than they should, by libraries that answer in the system's place.</summary>
[Collection("one at a time")]
public sealed class OddVolumeTests : IDisposable
{
    private const int CannotWrite = 73;
    private readonly TemporaryFolder _scratch = TemporaryFolder.For("stevedore-odd");
    private readonly ChaosRun _run;

    public OddVolumeTests() => _run = new ChaosRun(Checkout.Find(), _scratch, new ChaosSettings(1, 1, IsShort: true));

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("rename", "rename")]
    [InlineData("write", "write in the middle")]
    public async Task An_object_store_behind_a_mount_is_refused_with_a_sentence(string lacks, string says)
    {
        await using var hub = await ChaosModel.ServeAsync(lies: false, 64 << 20, Cancelled);
        var end = await FetchAsync(hub, "object-store", ("OBJECT_STORE", lacks));
        end.Code.Should().Be(CannotWrite);
        end.Errors[^1].Should().Contain(says).And.Contain("object store");
        hub.BytesServed.Should().Be(0);
    }

    [Fact]
    public async Task A_quota_that_is_used_up_half_way_is_said_and_what_had_arrived_is_kept()
    {
        await using var hub = await ChaosModel.ServeAsync(lies: false, 64 << 20, Cancelled);
        var end = await FetchAsync(hub, "quota", ("QUOTA_BYTES", $"{20 << 20}"));
        end.Code.Should().Be(CannotWrite, string.Join('\n', end.Errors));
        end.Errors[^1].Should().Contain("the quota of the volume is used up");
        var before = hub.BytesServed;

        await using var next = await ChaosModel.FetchAsync(_run, hub, Cache);
        (await next.EndAsync(Cancelled)).Code.Should().Be(0);
        (hub.BytesServed - before).Should().BeLessThanOrEqualTo(ChaosModel.Bytes - (16 << 20), "of 20 MiB at most a block a connection is lost, and what is not in blocks");
        Look().Should().BeEmpty();
    }

    [Fact]
    public async Task A_rename_that_reports_failure_after_it_succeeded_is_a_success()
    {
        await using var hub = await ChaosModel.ServeAsync(lies: false, 64 << 20, Cancelled);
        var end = await FetchAsync(hub, "late-answers", ("LATE_ANSWERS", "rename"));
        end.Code.Should().Be(0, string.Join('\n', end.Errors));
        Look().Should().BeEmpty();
    }

    [Fact]
    public async Task What_another_node_published_is_not_fetched_again_although_this_one_remembers_its_absence()
    {
        await using var hub = await ChaosModel.ServeAsync(lies: false, 8 << 20, Cancelled);
        var shim = await _run.Shims.BuildAsync("late-answers", Cancelled);
        var environment = new Dictionary<string, string> { ["LD_PRELOAD"] = shim, ["LATE_ANSWERS"] = "absence" };
        await using var first = await ChaosModel.FetchAsync(_run, hub, Cache, environment: new Dictionary<string, string> { ["LD_PRELOAD"] = shim }, connections: 8);
        while (!first.HasEnded && hub.BytesServed < 8 << 20)
            await Task.Delay(5, Cancelled);
        await using var second = await ChaosModel.FetchAsync(_run, hub, Cache, environment: environment);
        (await first.EndAsync(Cancelled)).Code.Should().Be(0);
        var end = await second.EndAsync(Cancelled);
        end.Code.Should().Be(0, string.Join('\n', end.Errors));
        hub.BytesServed.Should().Be(ChaosModel.Bytes);
        Look().Should().BeEmpty();
    }

    private string Cache => _scratch.Sub("cache");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private async Task<EndedProgram> FetchAsync(HubFixture.HubServer hub, string shim, (string Name, string Value) setting)
    {
        var environment = new Dictionary<string, string> { ["LD_PRELOAD"] = await _run.Shims.BuildAsync(shim, Cancelled), [setting.Name] = setting.Value };
        await using var pod = await ChaosModel.FetchAsync(_run, hub, Cache, environment: environment);
        return await pod.EndAsync(Cancelled);
    }

    private IReadOnlyCollection<string> Look()
    {
        var reader = new Reader(ChaosModel.FolderIn(Cache), ChaosModel.Files);
        reader.LookOnce();
        reader.Looks.Should().Be(ChaosModel.Files);
        return reader.Found;
    }
}
