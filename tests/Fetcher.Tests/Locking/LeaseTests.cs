using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Locking;

public sealed class LeaseTests : IDisposable
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Fetcher _mine;

    public LeaseTests() => _mine = new Fetcher(_folder.Path, _time);

    public void Dispose()
    {
        _mine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_blob_that_somebody_alive_fetches_is_taken()
    {
        using var other = new Fetcher(_folder.Path, _time);
        other.Leases.TryTake("blob").Lease!.Epoch.Should().Be(1);
        var answer = _mine.Leases.TryTake("blob");
        answer.Lease.Should().BeNull();
        answer.Owner.Should().Be(other.Heartbeat.Id);
    }

    [Fact]
    public void A_fetcher_that_beats_is_alive_however_long_it_takes()
    {
        using var other = new Fetcher(_folder.Path, _time);
        other.Leases.TryTake("blob");
        for (var i = 0; i < 20; i++)
        {
            _mine.Leases.TryTake("blob").Lease.Should().BeNull();
            Pass(Ttl / 3);
        }
    }

    [Fact]
    public void A_stranger_that_falls_silent_is_succeeded_after_the_time_to_live_and_not_before()
    {
        LeaveBehind("stranger", beat: 7, bootId: "11111111-2222-3333-4444-555555555555");
        var watch = new LeaseStore(_mine.Cache, _mine.Heartbeat, new OwnerWatch(_mine.Cache, _mine.Heartbeat, localFilesystem: false, _time));
        watch.TryTake("blob").Owner.Should().Be("stranger");
        Pass(Ttl - TimeSpan.FromSeconds(1));
        watch.TryTake("blob").Lease.Should().BeNull();
        Pass(TimeSpan.FromSeconds(1));
        var lease = watch.TryTake("blob").Lease;
        lease!.Epoch.Should().Be(2);
        lease.Previous.Should().ContainSingle().Which.OwnerIsGone.Should().BeFalse("it may only be paused");
    }

    [Fact]
    public void Nobody_is_declared_dead_before_the_time_that_it_gives_itself()
    {
        LeaveBehind("patient", beat: 7, bootId: "11111111-2222-3333-4444-555555555555", ttl: 2 * Ttl);
        _mine.Leases.TryTake("blob").Lease.Should().BeNull();
        Pass(Ttl);
        _mine.Leases.TryTake("blob").Lease.Should().BeNull();
        Pass(Ttl);
        _mine.Leases.TryTake("blob").Lease.Should().NotBeNull();
    }

    [Fact]
    public void Another_boot_proves_nothing_since_a_local_disk_may_be_exported_to_others()
    {
        LeaveBehind("elsewhere", beat: 7, bootId: "11111111-2222-3333-4444-555555555555");
        _mine.Leases.TryTake("blob").Lease.Should().BeNull();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_free_lock_proves_death_only_where_its_owner_saw_locks_work_too(bool ownerSawThemWork, bool isSucceeded)
    {
        LeaveBehind("dead", beat: 7, Machine.BootId, isLocked: ownerSawThemWork);
        (_mine.Leases.TryTake("blob").Lease is not null).Should().Be(isSucceeded);
    }

    [Fact]
    public void A_heartbeat_that_somebody_removed_lets_its_owner_be_succeeded_but_not_its_file_be_used_in_place()
    {
        using var removed = new Fetcher(_folder.Path, _time);
        removed.Leases.TryTake("blob");
        File.Delete(Heartbeat.PathOf(_mine.Cache, removed.Heartbeat.Id));
        var lease = _mine.Leases.TryTake("blob").Lease;
        lease!.Previous.Should().ContainSingle().Which.OwnerIsGone.Should().BeFalse();
    }

    [Fact]
    public void Epochs_keep_no_gap_so_that_who_does_not_see_them_all_still_runs_into_them()
    {
        LeaveBehind("dead", beat: 7, Machine.BootId, pidNamespace: Machine.PidNamespace, pid: int.MaxValue);
        using var other = new Fetcher(_folder.Path, _time);
        var lease = other.Leases.TryTake("blob").Lease!;
        other.Leases.ClearGone(lease);
        Directory.GetFiles(_mine.Cache.Leases).Select(Path.GetFileName).Should().BeEquivalentTo(["blob.1", "blob.2"]);
        _mine.Leases.TryTake("blob").Owner.Should().Be(other.Heartbeat.Id);
        other.Leases.Clear("blob");
        Directory.GetFiles(_mine.Cache.Leases).Should().BeEmpty();
    }

    [Fact]
    public void Each_epoch_of_each_owner_has_a_partial_file_of_its_own_name()
    {
        using var late = new Fetcher(_folder.Path, _time);
        var old = late.Leases.TryTake("blob").Lease!;
        _mine.Leases.Clear("blob");
        var anew = _mine.Leases.TryTake("blob").Lease!;
        anew.Epoch.Should().Be(old.Epoch);
        anew.PartialPath(_mine.Cache).Should().NotBe(old.PartialPath(_mine.Cache), "who wakes up must not publish somebody else's half-written file");
    }

    [Fact]
    public void A_process_that_ended_on_this_kernel_is_succeeded_at_once()
    {
        LeaveBehind("dead", beat: 7, Machine.BootId, pidNamespace: Machine.PidNamespace, pid: int.MaxValue);
        var lease = _mine.Leases.TryTake("blob").Lease;
        lease!.Previous.Should().ContainSingle().Which.OwnerIsGone.Should().BeTrue();
    }

    [Fact]
    public void A_process_id_says_nothing_across_pid_namespaces()
    {
        LeaveBehind("elsewhere", beat: 7, Machine.BootId, pidNamespace: "pid:[1]", pid: int.MaxValue);
        var store = new LeaseStore(_mine.Cache, _mine.Heartbeat, new OwnerWatch(_mine.Cache, _mine.Heartbeat, localFilesystem: false, _time));
        store.TryTake("blob").Lease.Should().BeNull();
    }

    [Fact]
    public void A_reused_process_id_is_told_from_its_first_owner()
    {
        LeaveBehind("dead", beat: 7, Machine.BootId, pidNamespace: Machine.PidNamespace, pid: Environment.ProcessId, processStart: "1");
        _mine.Leases.TryTake("blob").Lease.Should().NotBeNull();
    }

    [Fact]
    public void A_released_lease_is_free_at_once_and_its_file_may_be_used_in_place()
    {
        using var other = new Fetcher(_folder.Path, _time);
        other.Leases.Release(other.Leases.TryTake("blob").Lease!);
        var lease = _mine.Leases.TryTake("blob").Lease;
        lease!.Epoch.Should().Be(2);
        lease.Previous[0].OwnerIsGone.Should().BeTrue();
    }

    [Fact]
    public void A_lease_whose_maker_died_before_it_wrote_its_name_is_waited_out()
    {
        Directory.CreateDirectory(_mine.Cache.Leases);
        File.WriteAllText(Path.Combine(_mine.Cache.Leases, "blob.1"), "");
        _mine.Leases.TryTake("blob").Lease.Should().BeNull();
        Pass(Ttl);
        _mine.Leases.TryTake("blob").Lease.Should().NotBeNull();
    }

    [Fact]
    public void Who_was_succeeded_can_not_publish()
    {
        using var zombie = new Fetcher(_folder.Path, _time);
        var old = zombie.Leases.TryTake("blob").Lease!;
        zombie.Leases.Release(old);
        var successor = _mine.Leases.TryTake("blob").Lease!;
        zombie.Leases.TryWinPublishing(old).Should().BeFalse();
        _mine.Leases.TryWinPublishing(successor).Should().BeTrue();
    }

    [Fact]
    public void Who_was_silent_for_the_time_to_live_has_lost_for_good_although_it_wakes_up_again()
    {
        var pausable = new PausableTimers(_time);
        using var sleeper = new Fetcher(_folder.Path, pausable);
        var lease = sleeper.Leases.TryTake("blob").Lease!;
        pausable.Paused = true;
        _time.Advance(Ttl);
        pausable.Paused = false;
        _time.Advance(Ttl / 6);
        sleeper.Heartbeat.Lost.IsCancellationRequested.Should().BeTrue("its transfers must stop, too");
        sleeper.Leases.TryWinPublishing(lease).Should().BeFalse();
        var take = () => sleeper.Leases.TryTake("other");
        take.Should().Throw<FetchException>().Which.Code.Should().Be(ExitCode.GaveUpWaiting);
    }

    [Fact]
    public void Nobody_publishes_under_a_lease_that_was_cleared_and_made_anew_by_somebody_else()
    {
        using var late = new Fetcher(_folder.Path, _time);
        var old = late.Leases.TryTake("blob").Lease!;
        _mine.Leases.Clear("blob");
        _mine.Leases.TryTake("blob").Lease!.Epoch.Should().Be(old.Epoch);
        late.Leases.TryWinPublishing(old).Should().BeFalse();
    }

    [Fact]
    public void Locks_are_a_hint_only_where_they_were_seen_to_work() =>
        _mine.Heartbeat.LocksWork.Should().BeTrue("this volume is local, and a second handle was refused");

    /// <summary>Time goes by in steps, so that hearts beat in between.</summary>
    private void Pass(TimeSpan duration)
    {
        for (var passed = TimeSpan.Zero; passed < duration; passed += TimeSpan.FromSeconds(1))
            _time.Advance(TimeSpan.FromSeconds(1));
    }

    private void LeaveBehind(
        string id, long beat, string bootId, string pidNamespace = "pid:[1]", int pid = 1, string processStart = "1",
        TimeSpan? ttl = null, bool isLocked = false)
    {
        Directory.CreateDirectory(_mine.Cache.Leases);
        File.WriteAllText(Path.Combine(_mine.Cache.Leases, "blob.1"), $"fetch {id} ");
        var record = new OwnerRecord(id, "node-7", bootId, pidNamespace, pid, processStart, beat, (ttl ?? TimeSpan.Zero).TotalSeconds, isLocked);
        File.WriteAllBytes(Heartbeat.PathOf(_mine.Cache, id), JsonSerializer.SerializeToUtf8Bytes(record, OwnerRecordJson.Default.OwnerRecord));
    }

    /// <summary>Timers that do nothing while the process is paused, as under SIGSTOP.</summary>
    private sealed class PausableTimers(TimeProvider inner) : TimeProvider
    {
        public bool Paused { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(
            value =>
            {
                if (!Paused)
                    callback(value);
            },
            state,
            dueTime,
            period);
    }

    private sealed class Fetcher : IDisposable
    {
        public Fetcher(string root, TimeProvider time)
        {
            Cache = new CacheLayout(root);
            Heartbeat = Heartbeat.Start(Cache, Ttl, time);
            Leases = new LeaseStore(Cache, Heartbeat, new OwnerWatch(Cache, Heartbeat, localFilesystem: true, time));
        }

        public CacheLayout Cache { get; }

        public Heartbeat Heartbeat { get; }

        public LeaseStore Leases { get; }

        public void Dispose() => Heartbeat.Dispose();
    }
}
