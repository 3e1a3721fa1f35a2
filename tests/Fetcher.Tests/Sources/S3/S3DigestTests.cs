using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Sources.S3;

public sealed class S3DigestTests
{
    private const string Model = "s3://bkt/m/";

    [Theory]
    [InlineData("CRC64NVME", "crc64nvme:ae8b14860a799888")]
    [InlineData("CRC32", "crc32:cbf43926")]
    [InlineData("CRC32C", "crc32c:e3069283")]
    [InlineData("SHA1", "sha1:f7c3bc1d808e04732adf679965ccc34ca7ae3441")]
    [InlineData("SHA256", "sha256:15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")]
    public async Task A_checksum_of_the_whole_object_goes_first_and_is_what_the_bytes_hash_to(string algorithm, string expected)
    {
        // The check values of the catalogue of CRCs, over "123456789".
        await using var store = new FakeS3();
        var stored = store.Put("m/x.bin", "123456789");
        stored.ListedMore = $"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>";
        stored.Headers = [$"x-amz-checksum-{algorithm.ToLowerInvariant()}: {Convert.ToBase64String(Convert.FromHexString(expected.Split(':')[1]))}", "x-amz-checksum-type: FULL_OBJECT"];
        using var sources = store.Sources();

        var file = (await sources.For(Model).ListAsync()).Files.Single();

        file.Digest!.ToString().Should().Be(expected);
        ContentHasher.OfWhole(file.Digest, "123456789"u8).Should().Be(file.Digest.Hex);
        ContentDigest.TryParse(expected).Should().Be(file.Digest);
        store.Requests.Should().Contain(request => request.StartsWith("HEAD /bkt/m/x.bin") && request.Contains("x-amz-checksum-mode: ENABLED"));
    }

    [Fact]
    public async Task A_checksum_of_checksums_says_nothing_of_the_whole()
    {
        await using var store = new FakeS3();
        var stored = store.Put("m/x.bin", "123456789");
        store.Objects["m/x.bin"] = stored with
        {
            ETag = "\"0123456789abcdef0123456789abcdef-2\"",
            ListedMore = "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType>",
        };
        using var sources = store.Sources();

        (await sources.For(Model).ListAsync()).Files.Single().Digest.Should().BeNull();
        store.Requests.Should().NotContain(request => request.StartsWith("HEAD"));
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption: aws:kms")]
    [InlineData("x-amz-server-side-encryption: aws:kms:dsse")]
    [InlineData("x-amz-server-side-encryption-customer-algorithm: AES256")]
    public async Task The_etag_of_an_object_with_a_key_of_its_own_is_no_md5(string header)
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789").Headers = [header];
        using var sources = store.Sources();

        (await sources.For(Model).ListAsync()).Files.Single().Digest.Should().BeNull();
    }

    [Fact]
    public async Task An_object_that_the_store_encrypts_by_itself_keeps_its_md5()
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789").Headers = ["x-amz-server-side-encryption: AES256"];
        using var sources = store.Sources();

        (await sources.For(Model).ListAsync()).Files.Single().Digest!.Algorithm.Should().Be(DigestAlgorithm.Md5);
    }

    [Fact]
    public async Task SHA256SUMS_beside_the_files_speaks_for_those_that_the_store_has_nothing_for()
    {
        await using var store = new FakeS3();
        store.Put("m/small.json", "{}");
        store.Objects["m/x.bin"] = new FakeObject("123456789"u8.ToArray(), "\"0123456789abcdef0123456789abcdef-2\"");
        store.Put("m/SHA256SUMS", $"{Sha256("{}")}  small.json\n{Sha256("123456789")}  x.bin\n");
        using var sources = store.Sources();

        var files = (await sources.For(Model).ListAsync()).Files;

        files.Select(file => $"{file.Path} {file.Digest!.Algorithm}").Should().Equal("small.json Md5", "x.bin Sha256");
    }

    [Fact]
    public async Task A_file_that_SHA256SUMS_names_and_the_bucket_lacks_is_66()
    {
        await using var store = new FakeS3();
        store.Objects["m/x.bin"] = new FakeObject("123456789"u8.ToArray(), "\"0123456789abcdef0123456789abcdef-2\"");
        store.Put("m/SHA256SUMS", $"{Sha256("123456789")}  x.bin\n{Sha256("")}  missing.json\n");
        using var sources = store.Sources();

        var failure = await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>();

        failure.Which.Code.Should().Be(ExitCode.NotFound);
        failure.Which.Message.Should().Contain("missing.json");
    }

    [Fact]
    public async Task An_object_that_changes_while_it_is_listed_is_65()
    {
        await using var store = new FakeS3();
        store.Put("m/x.bin", "123456789");
        store.Instead = request =>
        {
            if (request.Head.StartsWith("HEAD"))
                store.Put("m/x.bin", "987654321");
            return null;
        };
        using var sources = store.Sources();

        (await sources.Awaiting(it => it.For(Model).ListAsync()).Should().ThrowAsync<FetchException>()).Which.Message.Should().Contain("x.bin of s3://bkt/m/ changed");
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
