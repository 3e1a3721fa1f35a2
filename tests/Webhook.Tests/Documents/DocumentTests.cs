using System.Text.RegularExpressions;
using Stevedore.Contract;
using Stevedore.Programs;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Policies.Reading;

namespace Stevedore.Webhook.Tests.Documents;

/// <summary>The pages that people read name what there is, and nothing that is not.</summary>
public sealed partial class DocumentTests
{
    private const string Front = "README.md";
    private const string Handbook = "manifests/README.md";
    private const string Contributing = "CONTRIBUTING.md";

    private static readonly Checkout Clone = Checkout.Find();

    public static TheoryData<string> Pages => [Front, Handbook, Contributing];

    [Fact]
    public void The_handbook_has_a_row_for_every_reason() =>
        WithoutRow(Handbook, Enum.GetNames<DenyReason>().Concat(Enum.GetNames<SkipReason>()).Select(reason => $"`{reason}`")).Should().BeEmpty();

    [Theory]
    [InlineData(Front)]
    [InlineData(Handbook)]
    public void There_is_a_row_for_every_exit_code(string page) =>
        WithoutRow(page, Enum.GetValues<ExitCode>().Select(code => $"{(int)code}")).Should().BeEmpty();

    [Theory]
    [InlineData(Front)]
    [InlineData(Handbook)]
    public void There_is_a_row_for_every_strategy(string page) =>
        WithoutRow(page, Enum.GetNames<Strategy>().Select(strategy => $"`{strategy}`")).Should().BeEmpty();

    [Fact]
    public void The_handbook_has_a_row_for_every_field_of_a_policy()
    {
        var fields = PolicyReader.Catalogue().Keys.Select(path => path["spec.".Length..]).ToList();
        // An object stands for what is in it where that is Kubernetes' own; else its fields do.
        string[] known = ["namespaceSelector", "podSelector", "volumes", "fetcher.env", "fetcher.securityContext"];

        WithoutRow(Handbook, fields
            .Where(field => !fields.Exists(other => IsIn(field, other)) && !Array.Exists(known, one => IsIn(one, field)))
            .Concat(known.Except(["volumes"]))
            .Select(field => $"`{field}`")).Should().BeEmpty();

        static bool IsIn(string outer, string inner) => inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal) && inner[outer.Length] is ('.' or '[');
    }

    [Fact]
    public void The_front_page_knows_every_verb_of_make() => Verbs().Except(Told(Front)).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_verb_of_make_that_a_page_names_is_there(string page) => Told(page).Except(Verbs()).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_somewhere(string page)
    {
        var links = Link().Matches(Text(page)).Select(link => link.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)).ToList();

        links.Should().NotBeEmpty();
        links.Where(link => !LeadsSomewhere(page, link)).Should().BeEmpty();
    }

    private static bool LeadsSomewhere(string page, string link)
    {
        var (file, heading) = link.Split('#') is [var before, var behind] ? (before, behind) : (link, null);
        var path = file.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, file);
        var whole = Path.Combine(Clone.Root, path);
        return heading is null ? File.Exists(whole) || Directory.Exists(whole) : File.Exists(whole) && Heading().Matches(Text(path)).Any(found => Anchor(found.Groups[1].Value) == heading);
    }

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string heading) => string.Concat(heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    /// <summary>What no table of the page names in its first cells, one by one or several in a cell.</summary>
    private static IEnumerable<string> WithoutRow(string page, IEnumerable<string> names) =>
        names.Except(Row().Matches(Text(page)).SelectMany(row => row.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)));

    private static IEnumerable<string> Told(string page) => Verb().Matches(Text(page)).Select(verb => verb.Groups[1].Value).Distinct();

    private static IEnumerable<string> Verbs() => Target().Matches(Text("Makefile")).Select(target => target.Groups[1].Value);

    private static string Text(string path) => File.ReadAllText(Clone.Source(path));

    [GeneratedRegex(@"^\| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"(?:`|^)make ([a-z][a-z0-9-]*)", RegexOptions.Multiline)]
    private static partial Regex Verb();

    [GeneratedRegex(@"^([a-z0-9-]+):.*## ", RegexOptions.Multiline)]
    private static partial Regex Target();
}
