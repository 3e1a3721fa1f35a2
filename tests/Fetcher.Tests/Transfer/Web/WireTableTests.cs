using System.Reflection;
using System.Text.RegularExpressions;
using Stevedore.Programs;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>WIRE.md names the tests that are there, all of those that were written for it, and leaves no row of the table out.</summary>
public sealed partial class WireTableTests
{
    private const string Page = "tests/Fetcher.Tests/Transfer/Web/WIRE.md";

    private static readonly string[] Rows =
    [
        "206", "200 to a range request", "validator", "412, or another ETag or total", "416", "403 on a redirected URL", "401, 403, 404 at the source",
        "408, 429, 5xx, reset, stall", "ENOSPC, EDQUOT", "questions sent ahead", "`mirror`",
    ];

    private static readonly Checkout Clone = Checkout.Find();

    [Fact]
    public void Every_row_has_its_tests() =>
        Row().Matches(Text()).Select(row => row.Groups[1].Value).Distinct().Should().Equal(["row", .. Rows]);

    [Fact]
    public void Every_test_that_is_named_is_there() => Named().Where(test => !IsThere(test.Class, test.Method)).Should().BeEmpty();

    [Fact]
    public void Every_test_that_was_written_for_the_table_is_named() =>
        Assembly.GetExecutingAssembly().GetTypes()
            .Where(type => type.Namespace == typeof(Table.FileServer).Namespace)
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => (type.Name, method.Name)))
            .Except(Named())
            .Should().BeEmpty();

    private static List<(string Class, string Method)> Named() => [.. Test().Matches(Text()).Select(test => (test.Groups[1].Value, test.Groups[2].Value))];

    /// <summary>Some are of other projects, so it is the sources that are looked at.</summary>
    private static bool IsThere(string type, string method) => Directory.EnumerateFiles(Path.Combine(Clone.Root, "tests"), $"{type}.cs", SearchOption.AllDirectories)
        .Any(file => Regex.IsMatch(File.ReadAllText(file), $@"^    public (async Task|Task|void) {method}\(", RegexOptions.Multiline));

    private static string Text() => File.ReadAllText(Clone.Source(Page));

    [GeneratedRegex(@"^\| ([^|-][^|]*?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Test();
}
