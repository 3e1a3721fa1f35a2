using Stevedore.Contract;
using Stevedore.Fetcher.Sources;

namespace Stevedore.Fetcher.Tests.Sources;

public sealed class Sha256SumsTests
{
    private const string One = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    private const string Two = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9";

    [Theory]
    [InlineData($"{One}  config.json\n", "config.json")]
    [InlineData($"{One} *config.json\r\n", "config.json")]
    [InlineData($"{One}  ./deep/config.json", "deep/config.json")]
    [InlineData($"# made by hand\n\n{One}  with  two spaces.txt\n\n", "with  two spaces.txt")]
    [InlineData($"\\{One}  back\\\\slash\\nnewline\n", "back\\slash\nnewline")]
    public void Reads_what_sha256sum_writes(string text, string path) =>
        Sha256Sums.Parse(text, "the list").Should().ContainSingle().Which.Should().Match<KeyValuePair<string, Stevedore.Fetcher.Manifests.ContentDigest>>(
            entry => entry.Key == path && entry.Value.Hex == One);

    [Fact]
    public void Digests_in_capitals_are_the_same_digests() => Sha256Sums.Parse($"{One.ToUpperInvariant()}  a", "the list")["a"].Hex.Should().Be(One);

    [Theory]
    [InlineData("not a list", "Line 1")]
    [InlineData($"{One}  a\n{One} b\n", "Line 2")]
    [InlineData($"{One}  a\n{Two}  ./a\n", "twice")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e  md5.txt\n", "Line 1")]
    [InlineData($"{One}  ", "Line 1")]
    [InlineData("# nothing\n", "nothing")]
    public void Refuses_what_is_no_such_list(string text, string because)
    {
        var failure = new Action(() => Sha256Sums.Parse(text, "the list")).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("the list").And.Contain(because);
    }

    [Fact]
    public async Task A_web_page_is_no_list()
    {
        using var page = new MemoryStream("\n<!doctype html><p>Not found"u8.ToArray());

        (await Sha256Sums.ReadAsync(page, "the list", TestContext.Current.CancellationToken)).Should().BeNull();
    }
}
