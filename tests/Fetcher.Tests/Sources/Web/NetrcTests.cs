using Stevedore.Contract;
using Stevedore.Fetcher.Sources.Web;

namespace Stevedore.Fetcher.Tests.Sources.Web;

public sealed class NetrcTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("machine a.org login me password geheim", "me", "geheim")]
    [InlineData("machine A.ORG\n\tpassword geheim\r\n\tlogin me\n", "me", "geheim")]
    [InlineData("machine b.org login x password y machine a.org login me account none password geheim", "me", "geheim")]
    [InlineData("machine a.org login me password first\nmachine a.org login other password second", "me", "first")]
    [InlineData("default login me password geheim", "me", "geheim")]
    [InlineData("machine a.org login me password geheim\ndefault login x password y", "me", "geheim")]
    [InlineData("# mine\nmachine a.org # the store\nlogin me password ge#heim", "me", "ge#heim")]
    [InlineData("machine a.org login \"m e\" password \"ge\\\"hei\\\\m\"", "m e", "ge\"hei\\m")]
    [InlineData("macdef init\r\nmachine a.org login wrong password wrong\r\n\r\nmachine a.org login me password geheim", "me", "geheim")]
    [InlineData("machine a.org password geheim", "", "geheim")]
    public void An_entry_is_found_by_its_host(string text, string login, string password)
    {
        var entry = Netrc.Parse(text).For("a.org")!;

        (entry.Login, entry.Password).Should().Be((login, password));
        entry.ToString().Should().NotContain(password);
    }

    [Theory]
    [InlineData("")]
    [InlineData("machine b.org login me password geheim")]
    [InlineData("machine sub.a.org login me password geheim")]
    [InlineData("macdef init\nmachine a.org login me password geheim")]
    public void Another_host_has_none(string text) => Netrc.Parse(text).For("a.org").Should().BeNull();

    [Theory]
    [InlineData("login me password geheim")]
    [InlineData("machine a.org login me password")]
    [InlineData("machine a.org login me password \"geheim")]
    [InlineData("machine a.org login me passwort geheim")]
    public void What_is_no_netrc_is_64_and_not_shown(string text)
    {
        _folder.Add("netrc", text);

        var failure = FluentActions.Invoking(() => Find(_folder.PathOf("netrc"))).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain(_folder.PathOf("netrc")).And.NotContain("geheim");
    }

    [Fact]
    public void The_file_is_the_one_that_NETRC_names_else_the_one_at_home()
    {
        _folder.Add(".netrc", "machine a.org login home password x").Add("other", "machine a.org login other password x");

        Find(null).For("a.org")!.Login.Should().Be("home");
        Find(_folder.PathOf("other")).For("a.org")!.Login.Should().Be("other");
        Find(_folder.PathOf("nothing")).For("a.org").Should().BeNull("an optional Secret mounts nothing");
    }

    private Netrc Find(string? named) => Netrc.Find(name => name switch
    {
        "NETRC" => named,
        "HOME" => _folder.Root,
        _ => null,
    });
}
