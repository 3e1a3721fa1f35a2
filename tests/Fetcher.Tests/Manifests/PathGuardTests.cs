using System.Diagnostics;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Tests.Manifests;

public sealed class PathGuardTests
{
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("../x", "has the part \"..\"")]
    [InlineData("a/../../x", "has the part \"..\"")]
    [InlineData("a/..", "has the part \"..\"")]
    [InlineData("./x", "has the part \".\"")]
    [InlineData("a/./x", "has the part \".\"")]
    [InlineData("a//x", "has an empty part")]
    [InlineData("a/", "has an empty part")]
    [InlineData("a\\..\\x", "contains a backslash")]
    [InlineData("C:", "begins with a drive letter")]
    [InlineData("c:/windows", "begins with a drive letter")]
    [InlineData("C:x", "begins with a drive letter")]
    [InlineData("a\0b", "contains a control character")]
    [InlineData("a\nb", "contains a control character")]
    [InlineData("a\u001b[31m", "contains a control character")]
    [InlineData("a\u007f", "contains a control character")]
    [InlineData("a\u0085b", "contains a control character")]
    [InlineData("a\u2028b", "contains a control character")]
    public void Refuses_a_path_that_could_leave_its_folder_or_deceive_its_reader(string path, string why)
    {
        var refusal = Refused([.. new[] { "config.json" }, path]);

        refusal.Code.Should().Be(ExitCode.WrongContent);
        refusal.Message.Should().Contain("hf://a/b").And.Contain(why).And.EndWith(".");
        refusal.Message.Should().NotContainAny("\0", "\n", "\u001b", "\u0085", "\u2028");
    }

    [Fact]
    public void Refuses_folders_so_deep_that_comparing_them_would_take_minutes() =>
        Refused([string.Concat(Enumerable.Repeat("a/", 64)) + "x"]).Message.Should().Contain("64 folders deep");

    [Fact]
    public void Refuses_half_a_character()
    {
        // Not in attributes: those are stored as UTF-8, which has no halves.
        foreach (var path in new[] { "\ud800.bin", "a\udc00/b", "\ud83d" })
            Refused([path]).Message.Should().Contain("half a surrogate pair");
    }

    [Theory]
    [InlineData("model-00001-of-00002.safetensors")]
    [InlineData("a/b/c/d.json")]
    [InlineData("...")]
    [InlineData("..x/x..")]
    [InlineData("a b/c d")]
    [InlineData("模型/重み😀.bin")]
    [InlineData("ab:c")]
    [InlineData(".gitattributes")]
    [InlineData("~/x")]
    [InlineData("-rf")]
    [InlineData("a\ufffdb")]
    public void Takes_what_is_merely_odd(string path) => PathGuard.Check([path, "config.json"], "hf://a/b");

    [Fact]
    public void Measures_names_in_bytes_not_in_letters()
    {
        PathGuard.Check([new string('a', 255), new string('模', 85)], "hf://a/b");

        Refused([new string('a', 256)]).Message.Should().Contain("more than 255 bytes");
        Refused([new string('模', 86)]).Message.Should().Contain("more than 255 bytes");
        Refused([string.Join('/', Enumerable.Repeat(new string('x', 200), 20))]).Message.Should().Contain("longer than 3072 bytes");
    }

    [Theory]
    [InlineData("a", "a/b")]
    [InlineData("a/b/c", "a/b")]
    [InlineData("x/y/z/w", "x")]
    public void Refuses_a_file_that_is_also_a_folder(string first, string second)
    {
        Refused([first, second, "other"]).Message.Should().Contain("also the folder of");
        Refused([second, "other", first]).Message.Should().Contain("also the folder of");
    }

    [Fact]
    public void Takes_names_that_only_begin_alike() => PathGuard.Check(["a", "ab/c", "a.b/c", "a-/d"], "hf://a/b");

    [Fact]
    public void Refuses_a_path_listed_twice() => Refused(["a/b", "c", "a/b"]).Message.Should().Contain("listed twice");

    [Theory]
    [InlineData("README.md", "readme.md")]
    [InlineData("a/X", "A/y")]
    [InlineData("É", "é")]
    [InlineData("straße", "STRASSE")]
    [InlineData("\u212Aelvin", "kelvin")]
    [InlineData("caf\u00e9", "cafe\u0301")]
    [InlineData("CAFE\u0301/x", "caf\u00e9/y")]
    [InlineData("\uAC01", "\u1100\u1161\u11A8")]
    public void Refuses_names_that_a_case_blind_volume_cannot_tell_apart(string first, string second)
    {
        PathGuard.Check([first, second], "hf://a/b");

        var both = () => PathGuard.CheckCase([first, "x", second], "hf://a/b");
        both.Should().Throw<FetchException>().Where(e => e.Code == ExitCode.WrongContent).WithMessage("hf://a/b lists *blind to case*");
    }

    [Fact]
    public void Takes_names_that_a_case_blind_volume_tells_apart() =>
        PathGuard.CheckCase(["a/x", "a/y", "b/x", "é", "è", "e", "模型", "数据", "cafe", "caf\u00e9s", "e\u0301ab"], "hf://a/b");

    [Fact]
    public void Checks_a_hundred_thousand_paths_in_no_time()
    {
        var paths = Enumerable.Range(0, 100_000).Select(i => $"folder-{i % 100}/part-{i % 1000}/shard-{i:D6}.safetensors").ToList();
        var watch = Stopwatch.StartNew();

        PathGuard.Check(paths, "hf://a/b");
        PathGuard.CheckCase(paths, "hf://a/b");

        // Some 150 ms here; a check that compares each with each would take minutes.
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    private static FetchException Refused(string[] paths)
    {
        var check = () => PathGuard.Check(paths, "hf://a/b");
        return check.Should().Throw<FetchException>().Which;
    }
}
