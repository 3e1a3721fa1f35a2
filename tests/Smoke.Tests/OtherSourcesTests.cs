using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Stevedore.HubFixture;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>A web server, a mounted folder, and a Hub behind TLS with a certificate authority of its own.</summary>
public sealed class OtherSourcesTests : IAsyncLifetime
{
    private Quay _quay = null!;

    public async ValueTask InitializeAsync() => _quay = await Quay.OpenAsync();

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Theory]
    [InlineData(PlainListing.NginxJson)]
    [InlineData(PlainListing.Sha256Sums)]
    [InlineData(PlainListing.Bare)]
    public async Task A_directory_of_a_web_server_is_fetched_however_it_lists_its_files(PlainListing listing)
    {
        SampleModel.Write(_quay["served/llama"], 1 << 20, shards: 2);
        await using var server = await PlainFileServer.StartAsync(_quay["served"], new PlainFileOptions { Listing = listing });
        var run = await _quay.RunAsync("fetch", $"{server.Endpoint}llama/", "--cache", _quay.Cache);
        run.Code.Should().Be(0, run.Errors);
        ShouldHoldTheModel(run.Lines[0]);
        run.Lines[0].Should().StartWith($"{_quay.Cache}/models/http/127.0.0.1+{server.Endpoint.Port}/llama/");
    }

    [Fact]
    public async Task A_single_file_of_a_web_server_is_fetched()
    {
        SampleModel.Write(_quay["served"], 1 << 20, shards: 1);
        await using var server = await PlainFileServer.StartAsync(_quay["served"]);
        var run = await _quay.RunAsync("fetch", $"{server.Endpoint}model.safetensors", "--cache", _quay.Cache);
        run.Code.Should().Be(0, run.Errors);
        Quay.DigestOf(File.ReadAllBytes(Path.Combine(run.Lines[0], "model.safetensors"))).Should().Be(Quay.DigestOf(File.ReadAllBytes(_quay["served/model.safetensors"])));
    }

    [Fact]
    public async Task A_mounted_folder_is_copied_into_the_cache()
    {
        SampleModel.Write(_quay["served/llama"], 1 << 20, shards: 2);
        var run = await _quay.RunAsync("fetch", $"file://{_quay["served/llama"]}", "--cache", _quay.Cache);
        run.Code.Should().Be(0, run.Errors);
        ShouldHoldTheModel(run.Lines[0]);
    }

    [Theory]
    [InlineData("--ca-bundle")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("SSL_CERT_DIR")]
    public async Task A_Hub_is_trusted_by_the_authorities_that_were_given_and_by_no_others(string by)
    {
        using var certificate = SelfSigned();
        Directory.CreateDirectory(_quay["certs"]);
        File.WriteAllText(_quay["certs/ca.pem"], certificate.ExportCertificatePem());
        await using var hub = await HubServer.StartAsync(new HubOptions { Certificate = certificate });
        hub.AddRepository("org/model").AddFile("config.json", "{}").AddFile("model.safetensors", new byte[100], lfs: true).Publish();
        _quay.Environment["HF_ENDPOINT"] = hub.Endpoint.OriginalString;

        var distrusting = await _quay.FetchAsync();
        distrusting.Code.Should().Be(69);
        distrusting.Sentence.Should().Contain("--ca-bundle");
        if (by != "--ca-bundle")
            _quay.Environment[by] = _quay[by == "SSL_CERT_DIR" ? "certs" : "certs/ca.pem"];
        var trusting = await _quay.FetchAsync(by == "--ca-bundle" ? [by, _quay["certs/ca.pem"]] : []);
        trusting.Code.Should().Be(0, trusting.Errors);
        File.ReadAllText(Path.Combine(trusting.Lines[0], "config.json")).Should().Be("{}");
    }

    [Fact]
    public async Task A_Hub_whose_certificate_the_bundle_lists_as_revoked_gets_no_question()
    {
        using var certificate = SelfSigned();
        File.WriteAllText(_quay["ca.pem"], $"{certificate.ExportCertificatePem()}\n{Revoking(certificate)}\n");
        await using var hub = await HubServer.StartAsync(new HubOptions { Certificate = certificate });
        hub.AddRepository("org/model").AddFile("config.json", "{}").Publish();
        _quay.Environment["HF_ENDPOINT"] = hub.Endpoint.OriginalString;

        var run = await _quay.FetchAsync("--ca-bundle", _quay["ca.pem"]);

        run.Code.Should().Be(69);
        run.Sentence.Should().Contain("is revoked: CN=a Hub of our own").And.Contain(certificate.SerialNumber).And.Contain(_quay["ca.pem"]);
    }

    private static string Revoking(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        var lists = new CertificateRevocationListBuilder();
        lists.AddEntry(certificate);
        var list = lists.Build(
            certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(certificate.SubjectName, certificate.SerialNumberBytes.Span));
        return PemEncoding.WriteString("X509 CRL", list);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        var request = new CertificateRequest("CN=a Hub of our own", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private void ShouldHoldTheModel(string path)
    {
        foreach (var file in Directory.EnumerateFiles(_quay["served/llama"]))
            Quay.DigestOf(File.ReadAllBytes(Path.Combine(path, Path.GetFileName(file)))).Should().Be(Quay.DigestOf(File.ReadAllBytes(file)), Path.GetFileName(file));
    }
}
