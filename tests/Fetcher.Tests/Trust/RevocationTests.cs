using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.S3;
using Stevedore.Contract;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web.Trust;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>
/// A bundle may say what its authorities took back. Real servers, asked in both of the fetcher's ways (content over connections of its own, everything else through
/// SocketsHttpHandler), which have to judge alike.
/// </summary>
public sealed class RevocationTests : IDisposable
{
    private const string Host = "127.0.0.1";
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _root = TestAuthority.Root("root of the tests");
    private readonly TestAuthority _middle;
    private readonly X509Certificate2 _server;

    public RevocationTests()
    {
        _middle = _root.Vouch("authority of the tests");
        _server = _middle.Issue(Host);
    }

    public static TheoryData<string> Flaws => ["expired", "not yet valid", "another name", "another authority", "self-signed"];

    public void Dispose()
    {
        _server.Dispose();
        _middle.Dispose();
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_server_whose_certificate_was_taken_back_is_refused_with_a_sentence_that_names_it()
    {
        var bundle = Bundle(_root.Pem, Pem(_middle.TakeBack(_server)));
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        var refusal = await RefusalAsync(server, bundle);

        refusal.Code.Should().Be(ExitCode.Unavailable);
        refusal.Message.Should().Be(
            $"{server.Address(Host)} has a certificate that is revoked: CN=server of {Host}, serial number {_server.SerialNumber}, is on the list of CN=authority of the tests "
            + $"in the CA bundle {bundle} (the server needs a new certificate).");
    }

    [Fact]
    public async Task So_is_one_whose_authority_was_taken_back()
    {
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        var refusal = await RefusalAsync(server, Bundle(_root.Pem, Pem(_root.TakeBack(_middle.Certificate))));

        refusal.Code.Should().Be(ExitCode.Unavailable);
        refusal.Message.Should().Contain($"revoked: CN=authority of the tests, serial number {_middle.Certificate.SerialNumber}, is on the list of CN=root of the tests");
    }

    [Fact]
    public async Task One_that_is_on_no_list_is_as_good_as_before()
    {
        using var other = _middle.Issue(Host);
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        await AnswersAsync(server, Bundle(_root.Pem, Pem(_middle.TakeBack(other)), Pem(_root.List([]))));
    }

    [Fact]
    public async Task The_list_of_another_authority_says_nothing_whatever_its_numbers()
    {
        using var other = TestAuthority.Root("another authority");
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        await AnswersAsync(server, Bundle(_root.Pem, other.Pem, Pem(other.TakeBack(_server, _middle.Certificate)), Pem(_root.TakeBack(_server))));
    }

    [Theory]
    [InlineData(Signing.Ecdsa, "SHA256")]
    [InlineData(Signing.Ecdsa, "SHA384")]
    [InlineData(Signing.Ecdsa, "SHA512")]
    [InlineData(Signing.Rsa, "SHA256")]
    [InlineData(Signing.Rsa, "SHA384")]
    [InlineData(Signing.Rsa, "SHA512")]
    [InlineData(Signing.RsaPss, "SHA256")]
    [InlineData(Signing.RsaPss, "SHA384")]
    [InlineData(Signing.RsaPss, "SHA512")]
    public async Task A_list_counts_however_it_is_signed(Signing signing, string hash)
    {
        using var authority = TestAuthority.Root("signing authority", signing);
        using var certificate = authority.Issue(Host);
        await using var server = new TlsWitness(certificate);

        await AnswersAsync(server, Bundle(authority.Pem, Pem(authority.List([[1]], hash: new HashAlgorithmName(hash)))));
        (await RefusalAsync(server, Bundle(authority.Pem, Pem(authority.List([Serial(certificate)], hash: new HashAlgorithmName(hash)))))).Message.Should().Contain("is revoked");
    }

    [Fact]
    public async Task A_list_that_its_authority_has_not_signed_makes_a_wrong_bundle()
    {
        using var forger = TestAuthority.Root("forger");
        await using var server = new TlsWitness(_server, above: _middle.Certificate);
        foreach (var serials in new byte[][][] { [Serial(_server)], [] })
        {
            var bundle = Bundle(_root.Pem, Pem(forger.List(serials, named: _middle.Certificate.SubjectName)));

            var refusal = await RefusalAsync(server, bundle);

            refusal.Code.Should().Be(ExitCode.Usage);
            refusal.Message.Should().Contain(bundle).And.Contain("revocation list of CN=authority of the tests that no known key of that authority has signed");
        }
    }

    [Fact]
    public async Task Nobody_is_stopped_by_a_forged_list_of_an_authority_that_he_does_not_meet()
    {
        using var forger = TestAuthority.Root("forger");
        using var other = TestAuthority.Root("another authority");
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        await AnswersAsync(server, Bundle(_root.Pem, Pem(forger.List([Serial(_server)], named: other.Certificate.SubjectName))));
    }

    [Fact]
    public async Task A_list_that_a_namesake_in_the_bundle_signed_counts_since_authorities_change_their_keys()
    {
        using var renewed = TestAuthority.Root("root of the tests");
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        await AnswersAsync(server, Bundle(_root.Pem, renewed.Pem, Pem(renewed.List([[1]]))));
        (await RefusalAsync(server, Bundle(_root.Pem, renewed.Pem, Pem(renewed.TakeBack(_middle.Certificate))))).Message.Should().Contain("revoked: CN=authority of the tests");
    }

    [Fact]
    public async Task A_list_that_is_overdue_still_refuses_what_is_on_it_and_nothing_else()
    {
        var overdue = DateTimeOffset.UtcNow.AddDays(-5);
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        (await RefusalAsync(server, Bundle(_root.Pem, Pem(_middle.List([Serial(_server)], next: overdue))))).Message.Should().Contain("is revoked");
        await AnswersAsync(server, Bundle(_root.Pem, Pem(_middle.List([[1]], next: overdue))));
    }

    [Fact]
    public async Task All_lists_of_all_bundles_count()
    {
        var bare = Bundle(_root.Pem);
        var lists = Bundle(Pem(_middle.List([[1]])), Pem(_root.List([])), Pem(_middle.TakeBack(_server)));
        await using var server = new TlsWitness(_server, above: _middle.Certificate);

        foreach (var bundles in new string[][] { [bare, lists], [lists, bare] })
            (await RefusalAsync(server, bundles)).Message.Should().Contain($"is revoked").And.Contain(lists);
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task Lists_take_nothing_from_the_platforms_own_checks(string flaw)
    {
        using var stranger = TestAuthority.Root("root of the tests");
        using var certificate = flaw switch
        {
            "expired" => _root.Issue(Host, expires: DateTimeOffset.UtcNow.AddHours(-1)),
            "not yet valid" => _root.Issue(Host, begins: DateTimeOffset.UtcNow.AddHours(6)),
            "another name" => _root.Issue("elsewhere.example"),
            "another authority" => stranger.Issue(Host),
            _ => TestCertificates.SelfSigned(Host),
        };
        await using var server = new TlsWitness(certificate);

        var refusal = await RefusalAsync(server, Bundle(_root.Pem, Pem(_root.List([[1]]))));

        refusal.Code.Should().Be(ExitCode.Unavailable);
        refusal.Message.Should().Contain("certificate that is not trusted");
    }

    [Fact]
    public async Task The_connections_of_S3s_own_library_judge_alike()
    {
        await using var server = new TlsWitness(_server, above: _middle.Certificate);
        using var trusting = Sdk(Bundle(_root.Pem, Pem(_middle.List([[1]]))));
        using var warned = Sdk(Bundle(_root.Pem, Pem(_middle.TakeBack(_server))));

        (await trusting.GetAsync(server.Address(Host))).IsSuccessStatusCode.Should().BeTrue();
        (await warned.Awaiting(it => it.GetAsync(server.Address(Host))).Should().ThrowAsync<HttpRequestException>()).WithInnerException<RevokedCertificateException>();
    }

    private static string Pem(byte[] list) => TestAuthority.PemOf(list);

    private static byte[] Serial(X509Certificate2 certificate) => certificate.SerialNumberBytes.ToArray();

    private static HttpClient Sdk(string bundle) => new SdkConnections(new WebSettings { CaBundles = [bundle] }).CreateHttpClient(new AmazonS3Config());

    private static Task AnswersAsync(TlsWitness server, string bundle) => BothWays.AnswerAsync(server.Address(Host), server, new WebSettings { CaBundles = [bundle] });

    private static Task<FetchException> RefusalAsync(TlsWitness server, params string[] bundles) => BothWays.RefuseAsync(server.Address(Host), server, new WebSettings { CaBundles = bundles });

    private string Bundle(params string[] blocks)
    {
        var path = _folder[$"bundle-{Guid.NewGuid():N}.pem"];
        File.WriteAllText(path, string.Concat(blocks));
        return path;
    }
}
