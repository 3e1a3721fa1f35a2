using Stevedore.Contract.References;

namespace Stevedore.Contract.Tests.References;

public sealed class AcceptedReferenceTests
{
    [Theory]
    [InlineData("hf://Qwen/Qwen3-8B", "Qwen", "Qwen3-8B", null)]
    [InlineData("hf://Qwen/Qwen3-8B@main", "Qwen", "Qwen3-8B", "main")]
    [InlineData("HF://Qwen/Qwen3-8B", "Qwen", "Qwen3-8B", null)]
    [InlineData("Qwen/Qwen3-8B", "Qwen", "Qwen3-8B", null)]
    [InlineData("Qwen/Qwen3-8B@v1.0", "Qwen", "Qwen3-8B", "v1.0")]
    [InlineData("hf://gpt2", null, "gpt2", null)]
    [InlineData("hf://gpt2@refs/pr/3", null, "gpt2", "refs/pr/3")]
    [InlineData("hf://gpt2/", null, "gpt2", null)]
    [InlineData("hf://Qwen/Qwen3-8B/", "Qwen", "Qwen3-8B", null)]
    [InlineData("  hf://Qwen/Qwen3-8B\n", "Qwen", "Qwen3-8B", null)]
    [InlineData("hf://组织/模型", "组织", "模型", null)]
    [InlineData("hf://a/b@607a30d783dfa663caf39e06633721c8d4cfcd7e", "a", "b", "607a30d783dfa663caf39e06633721c8d4cfcd7e")]
    [InlineData("hf://a/b@feature/x_y-z", "a", "b", "feature/x_y-z")]
    [InlineData("hf://a_b.c/d-e_f.g", "a_b.c", "d-e_f.g", null)]
    public void Reads_a_repository_of_the_Hub(string text, string? owner, string name, string? revision) =>
        ModelReference.Parse(text).OrThrow().Should().Be(new HubReference(owner, name, revision));

    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("S3://bucket/models/llama", "bucket", "models/llama/")]
    [InlineData("s3://bucket/models/llama/", "bucket", "models/llama/")]
    [InlineData("s3://my.bucket-1/a=b/c%2F..%2Fd/", "my.bucket-1", "a=b/c%2F..%2Fd/")]
    public void Reads_a_prefix_of_a_bucket(string text, string bucket, string prefix) =>
        ModelReference.Parse(text).OrThrow().Should().Be(new S3Reference(bucket, prefix));

    [Theory]
    [InlineData("https://models.example.com/llama/", "https://models.example.com/llama/", true)]
    [InlineData("https://models.example.com/llama.gguf", "https://models.example.com/llama.gguf", false)]
    [InlineData("https://models.example.com", "https://models.example.com/", true)]
    [InlineData("HTTPS://Models.Example.COM/Llama/", "https://models.example.com/Llama/", true)]
    [InlineData("https://models.example.com:443/llama/", "https://models.example.com/llama/", true)]
    [InlineData("http://models.example.com:80/llama/", "http://models.example.com/llama/", true)]
    [InlineData("http://models.example.com:8080/llama/", "http://models.example.com:8080/llama/", true)]
    [InlineData("http://127.0.0.1:9000/llama/", "http://127.0.0.1:9000/llama/", true)]
    [InlineData("http://[::1]:9000/llama/", "http://[::1]:9000/llama/", true)]
    [InlineData("https://models.example.com/模型/", "https://models.example.com/%E6%A8%A1%E5%9E%8B/", true)]
    [InlineData("https://models.example.com/a%20b/", "https://models.example.com/a%20b/", true)]
    [InlineData("https://git.example.com/projects/group%2Fproject/model.gguf", "https://git.example.com/projects/group%2Fproject/model.gguf", false)]
    [InlineData("https://models.example.com/...hidden/", "https://models.example.com/...hidden/", true)]
    public void Reads_a_web_address(string text, string canonical, bool isDirectory)
    {
        var reference = ModelReference.Parse(text).OrThrow().Should().BeOfType<HttpReference>().Subject;
        reference.ToString().Should().Be(canonical);
        reference.IsDirectory.Should().Be(isDirectory);
        reference.Scheme.Should().Be(canonical.StartsWith("https:", StringComparison.Ordinal) ? "https" : "http");
    }

    [Theory]
    [InlineData("file:///models/llama", "/models/llama/")]
    [InlineData("file:///models/llama/", "/models/llama/")]
    [InlineData("FILE:///models/llama///", "/models/llama/")]
    [InlineData("file:///models/..llama..", "/models/..llama../")]
    [InlineData("file:///models/%2e%2e/", "/models/%2e%2e/")]
    [InlineData("file:///模型", "/模型/")]
    public void Reads_a_mounted_directory_and_decodes_nothing_in_it(string text, string path) =>
        ModelReference.Parse(text).OrThrow().Should().Be(new FileReference(path));

    [Theory]
    [InlineData("pvc://claim", "claim", "")]
    [InlineData("pvc://claim/", "claim", "")]
    [InlineData("PVC://claim.a-1/models/llama/", "claim.a-1", "models/llama")]
    public void Reads_a_folder_of_a_claim(string text, string claim, string path) =>
        ModelReference.Parse(text).OrThrow().Should().Be(new ClaimReference(claim, path));

    [Theory]
    [InlineData("registry.example.com/models/llama:v1")]
    [InlineData("registry.example.com:5000/models/llama:v1")]
    [InlineData("registry.example.com/llama@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("registry.example.com/llama:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Reads_an_image(string image) => ModelReference.Parse($"oci://{image}").OrThrow().Should().Be(new ImageReference(image));

    [Fact]
    public void A_list_keeps_the_order_and_drops_repetitions() =>
        ModelReference.ParseList(" hf://b/b, hf://a/a\n\nhf://b/b,\r\ns3://bucket,s3://bucket/ ").OrThrow().Select(reference => reference.ToString())
            .Should().Equal("hf://b/b", "hf://a/a", "s3://bucket/");

    [Theory]
    [InlineData("")]
    [InlineData(" , \n")]
    public void A_list_of_nothing_is_refused(string text) => ModelReference.ParseList(text).Error.Should().Contain("No model is named");

    [Fact]
    public void A_list_is_refused_for_its_first_wrong_member() =>
        ModelReference.ParseList("hf://a/a,ftp://b/b,x").Error.Should().Contain("ftp").And.NotContain("hf://a/a");

    [Fact]
    public void Main_is_what_a_reference_without_a_revision_means()
    {
        new HubReference("a", "b", null).RevisionOrDefault.Should().Be("main");
        new HubReference("a", "b", null).Should().NotBe(new HubReference("a", "b", "main"), "a person can tell them apart in what was written");
    }
}
