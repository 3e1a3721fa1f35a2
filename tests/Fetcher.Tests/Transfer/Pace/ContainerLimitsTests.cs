using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer.Pace;

namespace Stevedore.Fetcher.Tests.Transfer.Pace;

public sealed class ContainerLimitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Version_2_gives_the_tightest_limit_of_a_group_and_those_around_it()
    {
        Write("memory.max", "max\n");
        Write("kubepods/memory.max", "1073741824\n");
        Write("kubepods/pod/memory.max", "536870912\n");
        Write("kubepods/cpu.max", "150000 100000\n");
        Write("kubepods/pod/cpu.max", "max 100000\n");

        Read("0::/kubepods/pod\n").Should().Be(new ContainerLimits(512L << 20, 1.5));
    }

    [Fact]
    public void Version_2_is_found_at_the_mount_where_the_container_does_not_see_its_group()
    {
        Write("memory.max", "268435456\n");
        Write("cpu.max", "50000 100000\n");

        Read("0::/\n").Should().Be(new ContainerLimits(256L << 20, 0.5));
    }

    [Fact]
    public void Version_1_keeps_memory_and_processors_apart()
    {
        Write("memory/pod/memory.limit_in_bytes", "268435456\n");
        Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("cpu/pod/cpu.cfs_quota_us", "200000\n");
        Write("cpu/pod/cpu.cfs_period_us", "100000\n");

        Read("4:memory:/pod\n2:cpu,cpuacct:/pod\n0::/\n").Should().Be(new ContainerLimits(256L << 20, 2));
    }

    [Fact]
    public void Where_nothing_is_limited_the_machine_is_the_limit()
    {
        Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("cpu/cpu.cfs_quota_us", "-1\n");
        Write("cpu/cpu.cfs_period_us", "100000\n");

        Read("4:memory:/gone\n2:cpu,cpuacct:/gone\n").Should().Be(new ContainerLimits(null, 8));
    }

    [Fact]
    public void Nonsense_and_missing_files_are_no_limit()
    {
        Write("memory.max", "lots\n");
        Write("cpu.max", "0 0\n");

        Read("nothing of the kind\n0::/\n").Should().Be(new ContainerLimits(null, 8));
        ContainerLimits.Read(Path.Combine(_folder.Path, "absent"), _folder.Path, 3).Should().Be(new ContainerLimits(null, 3));
    }

    private ContainerLimits Read(string membership)
    {
        Write("membership", membership);
        return ContainerLimits.Read(Path.Combine(_folder.Path, "membership"), _folder.Path, 8);
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
