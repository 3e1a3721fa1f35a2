using CsCheck;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class PolicySetTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static readonly Gen<LabelRequirement> GenRequirement =
        from key in Gen.OneOf("a", "b", "c")
        from comparison in Gen.Enum<LabelOperator>()
        from values in Gen.OneOf("1", "2", "3").Array[1, 3]
        select new LabelRequirement(key, comparison, comparison is LabelOperator.In or LabelOperator.NotIn ? values : []);

    private static readonly Gen<LabelSelector> GenSelector = GenRequirement.Array[0, 3].Select(all => new LabelSelector(all));

    private static readonly Gen<Dictionary<string, string>> GenLabels =
        Gen.Dictionary(Gen.OneOf("a", "b", "c", "d"), Gen.OneOf("1", "2", "3", "4"))[0, 4];

    [Fact]
    public void Takes_the_highest_priority_then_the_first_name_in_ordinal_order()
    {
        var set = new PolicySet([Policy("b", 5), Policy("a", 5), Policy("Z", 1), Policy("top", 9, Needs("tier", "gold"))]);

        set.Choose(Nothing, Nothing).Name.Should().Be("a");
        set.Choose(new Dictionary<string, string> { ["tier"] = "gold" }, Nothing).Name.Should().Be("top");
        set.Ranked.Select(policy => policy.Name).Should().Equal("top", "a", "b", "Z");
    }

    [Fact]
    public void Falls_back_to_the_built_in_rules_where_nothing_selects_the_pod() =>
        new PolicySet([Policy("gold", 0, Needs("tier", "gold"))]).Choose(Nothing, Nothing).Should().BeSameAs(InjectionPolicy.BuiltIn);

    [Fact]
    public void Looks_at_the_labels_of_the_pod_too()
    {
        var set = new PolicySet([Policy("big", 1) with { PodSelector = Needs("size", "big") }, Policy("rest", 0)]);

        set.Choose(Nothing, new Dictionary<string, string> { ["size"] = "big" }).Name.Should().Be("big");
        set.Choose(Nothing, Nothing).Name.Should().Be("rest");
    }

    [Fact]
    public void The_index_never_changes_who_wins()
    {
        var policies =
            from selectors in Gen.Select(GenSelector, GenSelector, Gen.Int[0, 2]).Array[0, 12]
            select selectors.Select((each, i) => Policy($"p{i}", each.Item3, each.Item1) with { PodSelector = each.Item2 }).ToArray();

        Gen.Select(policies, GenLabels, GenLabels).Sample(
            (all, place, pod) =>
            {
                var byHand = all.OrderByDescending(p => p.Priority).ThenBy(p => p.Name, StringComparer.Ordinal)
                    .FirstOrDefault(p => p.NamespaceSelector.Matches(place) && p.PodSelector.Matches(pod));
                return new PolicySet(all).Choose(place, pod) == (byHand ?? InjectionPolicy.BuiltIn);
            },
            iter: 2000);
    }

    private static InjectionPolicy Policy(string name, int priority, LabelSelector? places = null) =>
        new() { Name = name, Priority = priority, NamespaceSelector = places ?? LabelSelector.Everything };

    private static LabelSelector Needs(string key, string value) => new([new LabelRequirement(key, LabelOperator.In, [value])]);
}
