using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer.Web.Trust;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>The reader of revocation lists, against what .NET's own writer makes, and against everything that is none.</summary>
public sealed class RevocationListTests : IDisposable
{
    private const string Sha1 = "1.3.14.3.2.26";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Sha512 = "2.16.840.1.101.3.4.2.3";
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = TestAuthority.Root("authority");

    /// <summary>Lists that would mean something else than they seem to.</summary>
    public static TheoryData<string, string> Unknown => new()
    {
        // The delta indicator: the list has only what changed since another one.
        { "changes", WrittenList.Extension("2.5.29.27", isCritical: true, "020101") },
        { "an extension of somebody's own", WrittenList.Extension("1.3.6.1.4.1.99999.1", isCritical: true, "0500") },
        { "certificates of several issuers", WrittenList.Extension("2.5.29.28", isCritical: true, "30038401FF") },
        { "certificates of attributes", WrittenList.Extension("2.5.29.28", isCritical: true, "30038501FF") },
    };

    public static TheoryData<string, string> Known => new()
    {
        { "servers alone", WrittenList.Extension("2.5.29.28", isCritical: true, "30038101FF") },
        { "a number", WrittenList.Extension("2.5.29.20", isCritical: false, "020107") },
        { "an extension of somebody's own that may be left out", WrittenList.Extension("1.3.6.1.4.1.99999.1", isCritical: false, "0500") },
    };

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("01")]
    [InlineData("7F00")]
    [InlineData("0080")]
    [InlineData("00FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    public void A_number_is_found_whatever_its_first_bit(string serial)
    {
        using var certificate = _authority.Issue("host", serial: Convert.FromHexString(serial));
        using var next = _authority.Issue("host", serial: [0x55]);

        var list = RevocationList.Parse(_authority.List([[3], Convert.FromHexString(serial), [4]]));

        list.Lists(certificate).Should().BeTrue();
        list.Lists(next).Should().BeFalse();
        list.IsOfIssuerOf(certificate).Should().BeTrue();
        list.IsSignedBy(_authority.Certificate).Should().BeTrue();
        list.Issuer.Should().Be("CN=authority");
    }

    [Fact]
    public void A_list_of_a_hundred_thousand_is_read_in_little_time_and_memory()
    {
        using var certificate = _authority.Issue("host");
        var random = new Random(7);
        var serials = Enumerable.Range(0, 100_000).Select(_ => Serial(random)).Append(certificate.SerialNumberBytes.ToArray());
        var bundle = Write(_authority.Pem + TestAuthority.PemOf(_authority.List(serials)));
        var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());

        var list = CaBundle.Read(bundle).Lists.Single();

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        list.Lists(certificate).Should().BeTrue();
        list.IsSignedBy(_authority.Certificate).Should().BeTrue();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
        allocated.Should().BeLessThan(20 * new FileInfo(bundle).Length, "it grows with the list and no faster");
    }

    [Fact]
    public void What_is_cut_off_anywhere_is_no_list()
    {
        var whole = _authority.List([[1], [2]]);
        foreach (var length in Enumerable.Range(0, whole.Length))
            Refusal(whole[..length]).Should().NotBeNull($"{length} of {whole.Length} bytes are there");
        Refusal([.. whole, 0]).Should().NotBeNull("there is something behind it");
    }

    [Fact]
    public void Whatever_byte_is_another_it_is_no_list_or_not_the_signed_one()
    {
        var whole = _authority.List([[1], [2]]);
        for (var at = 0; at < whole.Length; at++)
        {
            // Each bit by itself, and the lengths and tags that lie most.
            foreach (var value in Enumerable.Range(0, 8).Select(bit => (byte)(whole[at] ^ (1 << bit))).Concat<byte>([0x00, 0x7F, 0x80, 0x84, 0xFF]).Where(value => value != whole[at]))
            {
                byte[] changed = [.. whole];
                changed[at] = value;
                if (Refusal(changed) is null)
                    RevocationList.Parse(changed).IsSignedBy(_authority.Certificate).Should().BeFalse($"byte {at} is {value:X2} instead of {whole[at]:X2}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void A_list_that_is_meant_in_another_way_is_not_taken_for_a_plain_one(string what, string extension) =>
        Refusal(WrittenList.Of(_authority, Convert.FromHexString(extension))).Should().BeOfType<CryptographicException>(what).Which.Message.Should().Contain("not understood");

    [Theory]
    [MemberData(nameof(Known))]
    public void Extensions_that_leave_its_meaning_are_passed_over(string what, string extension) =>
        Refusal(WrittenList.Of(_authority, Convert.FromHexString(extension))).Should().BeNull(what);

    [Theory]
    [InlineData("1.2.840.10045.4.1")]
    [InlineData("1.2.840.113549.1.1.5")]
    [InlineData("1.3.101.112")]
    public void An_algorithm_that_is_out_of_use_or_not_known_is_named(string algorithm) =>
        Failure(TestAuthority.PemOf(WrittenList.Of(_authority, algorithm: WrittenList.Algorithm(algorithm)))).Should().Contain($"is signed with {algorithm}, which is not known here");

    [Theory]
    [InlineData(Sha256, Sha256, 32, true)]
    [InlineData(Sha512, Sha512, 64, true)]
    [InlineData(Sha256, Sha256, 20, false)]
    [InlineData(Sha256, Sha256, null, false)]
    [InlineData(Sha256, Sha512, 32, false)]
    [InlineData(Sha1, Sha1, 20, false)]
    [InlineData(null, null, null, false)]
    public void Of_the_paddings_with_salt_those_are_known_that_NET_can_check(string? hash, string? maskHash, int? salt, bool isKnown)
    {
        var refusal = Refusal(WrittenList.Of(_authority, algorithm: WrittenList.Pss(hash, maskHash, salt)));

        if (isKnown)
            refusal.Should().BeNull();
        else
            refusal.Should().BeOfType<CryptographicException>().Which.Message.Should().Contain("not known here");
    }

    [Theory]
    [InlineData("-----BEGIN X509 CRL-----\nMAAB\n")]
    [InlineData("-----BEGIN X509 CRL-----\n!!!!\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nMAAB\n-----BEGIN X509 CRL-----\nMAAB\n-----END X509 CRL-----\n")]
    public void A_broken_block_makes_a_wrong_bundle_also_behind_a_good_one(string block)
    {
        foreach (var before in new[] { "", TestAuthority.PemOf(_authority.List([[1]])) })
            Failure(before + block).Should().Contain("broken revocation list");
    }

    [Fact]
    public void A_bundle_may_hold_lists_alone_and_words_between_its_blocks()
    {
        var bundle = CaBundle.Read(Write("Our company's list:\n" + TestAuthority.PemOf(_authority.List([[1]])) + "and a key\n" + Key() + TestAuthority.PemOf(_authority.List([]))));

        bundle.Certificates.Should().BeEmpty();
        bundle.Lists.Should().HaveCount(2);
    }

    private static string Key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static byte[] Serial(Random random)
    {
        var serial = new byte[16];
        random.NextBytes(serial);
        serial[0] = 0x4b;
        return serial;
    }

    /// <summary>How reading ends; only what the bundle's reader turns into a sentence may come out of it.</summary>
    private static Exception? Refusal(byte[] list)
    {
        try
        {
            RevocationList.Parse(list);
            return null;
        }
        catch (Exception broken) when (broken is AsnContentException or CryptographicException)
        {
            return broken;
        }
    }

    private string Failure(string bundle)
    {
        var path = Write(bundle);
        var failure = FluentActions.Invoking(() => CaBundle.Read(path)).Should().Throw<FetchException>().Which;
        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain(path);
        return failure.Message;
    }

    private string Write(string content)
    {
        var path = _folder[$"{Guid.NewGuid():N}.pem"];
        File.WriteAllText(path, content);
        return path;
    }
}
