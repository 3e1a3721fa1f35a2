using Stevedore.Contract.Layout;

namespace Stevedore.Contract.Tests.Layout;

public sealed class TenantFolderTests
{
    [Theory]
    [InlineData("team-a")]
    [InlineData("7")]
    public void Is_named_for_the_namespace(string name) => TenantFolder.For(name).OrThrow().Should().Be("ns/" + name);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../team-b")]
    [InlineData("a/b")]
    [InlineData("Team")]
    [InlineData("-a")]
    [InlineData("team-a\n")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Is_none_where_the_name_might_lead_elsewhere(string name) => TenantFolder.For(name).Error.Should().Contain("is no namespace");
}
