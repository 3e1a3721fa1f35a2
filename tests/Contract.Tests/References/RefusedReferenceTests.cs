using Stevedore.Contract.References;

namespace Stevedore.Contract.Tests.References;

public sealed class RefusedReferenceTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \t\n", "empty")]
    [InlineData("gpt2", "OWNER/NAME")]
    [InlineData("/models/llama", "file:///DIR/")]
    [InlineData("./llama/model", "OWNER/NAME")]
    [InlineData("./llama", "letters, digits")]
    [InlineData("../llama", "letters, digits")]
    [InlineData("a/b/c", "OWNER/NAME")]
    [InlineData("C:\\models", "OWNER/NAME")]
    [InlineData("ftp://host/x", "unknown scheme \"ftp\"")]
    [InlineData("://host", "unknown scheme")]
    [InlineData("hf://a/b c", "white space")]
    [InlineData("hf://a/b\u0000c", "control characters")]
    [InlineData("hf://a/b\u001b[31m", "control characters")]
    [InlineData("hf://a/b\u202Ec", "letters, digits")]
    [InlineData("hf://a/\uFFFDb", "not text")]
    public void Says_what_is_wrong_with_a_text_that_is_no_reference(string text, string why) => Refusal(text).Should().Contain(why);

    [Theory]
    [InlineData("hf://")]
    [InlineData("hf:///name")]
    [InlineData("hf://a//b")]
    [InlineData("hf://a/b/c")]
    [InlineData("hf://../b")]
    [InlineData("hf://a/..")]
    [InlineData("hf://a/.b")]
    [InlineData("hf://a/-b")]
    [InlineData("hf://a/b-")]
    [InlineData("hf://a/b--c")]
    [InlineData("hf://a/b..c")]
    [InlineData("hf://a/b.git")]
    [InlineData("hf://a/b%2Fc")]
    [InlineData("hf://a/%2e%2e")]
    [InlineData("hf://a/b?x=1")]
    [InlineData("hf://a/b#x")]
    [InlineData("hf://a/b@")]
    [InlineData("hf://a/b@..")]
    [InlineData("hf://a/b@x/../y")]
    [InlineData("hf://a/b@/x")]
    [InlineData("hf://a/b@x/")]
    [InlineData("hf://a/b@x//y")]
    [InlineData("hf://a/b@.x")]
    [InlineData("hf://a/b@x/.y")]
    [InlineData("hf://a/b@x.lock")]
    [InlineData("hf://a/b@x.")]
    [InlineData("hf://a/b@x@y")]
    [InlineData("hf://a/b@x~1")]
    [InlineData("hf://a/b@x:y")]
    [InlineData("hf://a/b@x\\y")]
    [InlineData("hf://a/b@x?y")]
    [InlineData("hf://a/b@x,y")]
    public void Refuses_what_the_Hub_has_no_repository_or_revision_for(string text) => Refusal(text).Should().Contain("hf://Qwen/Qwen3-8B");

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3:///prefix/")]
    [InlineData("s3://b/prefix/")]
    [InlineData("s3://-bucket/")]
    [InlineData("s3://buc..ket/")]
    [InlineData("s3://bucket//")]
    [InlineData("s3://bucket/a//")]
    [InlineData("s3://bucket//a")]
    [InlineData("s3://bucket/a//b")]
    [InlineData("s3://bucket/../b")]
    [InlineData("s3://bucket/a/..")]
    [InlineData("s3://bucket/./a")]
    [InlineData("s3://bucket/a\\..\\b")]
    [InlineData("s3://bucket/a?versionId=1")]
    [InlineData("s3://bucket/a#b")]
    [InlineData("s3://user@bucket/a")]
    public void Refuses_what_is_no_prefix_of_a_bucket(string text) => Refusal(text).Should().Contain("s3://BUCKET/PREFIX/");

    [Theory]
    [InlineData("https://")]
    [InlineData("https:///dir/")]
    [InlineData("https://host:99999/dir/")]
    [InlineData("https://host/dir/?token=x")]
    [InlineData("https://host/dir/#x")]
    [InlineData("https://user@host/dir/")]
    [InlineData("https://host//dir/")]
    [InlineData("https://host/dir//")]
    [InlineData("https://host/a/../b/")]
    [InlineData("https://host/a/./b/")]
    [InlineData("https://host/..")]
    [InlineData("https://host/%2e%2e/b/")]
    [InlineData("https://host/%2E%2E/b/")]
    [InlineData("https://host/.%2e/b/")]
    [InlineData("https://host/a%2F..%2Fb/")]
    [InlineData("https://host/a%2f%2e%2e%2f%2e%2e%2fb/")]
    [InlineData("https://host/a%5C..%5Cb/")]
    [InlineData("https://host\\a\\b/")]
    [InlineData("https://host\\@evil/")]
    [InlineData("https://host/a\\b/")]
    [InlineData("https://host/a%00b/")]
    [InlineData("https://host/a%0Ab/")]
    [InlineData("https://host/a%1B%5B31mb/")]
    public void Refuses_what_is_no_plain_web_address(string text) => Refusal(text).Should().Contain("https://HOST/DIR/");

    [Theory]
    [InlineData("file://")]
    [InlineData("file:///")]
    [InlineData("file://models/llama")]
    [InlineData("file:////models")]
    [InlineData("file:///models/../etc")]
    [InlineData("file:///models/./llama")]
    [InlineData("file:///models//llama")]
    [InlineData("file:///models\\llama")]
    [InlineData("file:///models?x")]
    [InlineData("file:///models#x")]
    public void Refuses_what_is_no_mounted_directory(string text) => Refusal(text).Should().Contain("file:///DIR/");

    [Theory]
    [InlineData("pvc://")]
    [InlineData("pvc://Claim/")]
    [InlineData("pvc://claim-/")]
    [InlineData("pvc://cla..im/")]
    [InlineData("pvc://cla.-im/")]
    [InlineData("pvc://claim//a")]
    [InlineData("pvc://claim/../a")]
    [InlineData("pvc://claim/a?b")]
    [InlineData("pvc://user@claim/a")]
    public void Refuses_what_is_no_folder_of_a_claim(string text) => Refusal(text).Should().Contain("pvc://CLAIM/PATH");

    [Theory]
    [InlineData("oci://")]
    [InlineData("oci://llama:v1")]
    [InlineData("oci://registry.example.com/llama")]
    [InlineData("oci://registry.example.com:5000/llama")]
    [InlineData("oci://registry.example.com/Llama:v1")]
    [InlineData("oci://registry.example.com/llama@sha256:0123")]
    [InlineData("oci://registry.example.com/../llama:v1")]
    [InlineData("oci://registry.example.com/llama:v1?x")]
    public void Refuses_what_is_no_image(string text) => Refusal(text).Should().Contain("oci://REGISTRY/REPOSITORY:TAG");

    [Theory]
    [InlineData("https://user:Secret123@host/dir/")]
    [InlineData("https://Secret123@host/dir/")]
    [InlineData("https://user:p@Secret123@host/dir/")]
    [InlineData("s3://AKIA:Secret123@bucket/prefix/")]
    [InlineData("s3://Secret123@bucket/prefix/")]
    [InlineData("ftp://user:Secret123@host/")]
    [InlineData("ftp://Secret123@host/")]
    [InlineData("hf://user:Secret123@host/owner/name")]
    [InlineData("hf://owner/name?token=Secret123")]
    [InlineData("s3://bucket/a?X-Amz-Signature=Secret123")]
    [InlineData("https://host/dir/?sig=Secret123")]
    [InlineData("https://host/dir/#Secret123")]
    [InlineData("file:///models?token=Secret123")]
    [InlineData("oci://user:Secret123@registry.example.com/llama:v1")]
    [InlineData("oci://Secret123@registry.example.com/llama:v1")]
    [InlineData("pvc://user:Secret123@claim/")]
    [InlineData("user:Secret123@owner/name")]
    [InlineData("https://user:Secret123@host/a b")]
    [InlineData("https://user:Secret123@ho st/")]
    public void Never_repeats_a_secret_in_its_sentence(string text) => Refusal(text).Should().NotContain("Secret123");

    [Fact]
    public void Refuses_what_is_too_long_without_repeating_it()
    {
        var refusal = Refusal("hf://a/" + new string('b', 100_000));
        refusal.Should().Contain("2048");
        refusal.Length.Should().BeLessThan(300);
    }

    [Theory]
    [InlineData("hf://a/", 97)]
    [InlineData("hf://a/b@", 201)]
    [InlineData("https://host/", 256)]
    [InlineData("s3://bucket/", 256)]
    public void Refuses_a_part_that_no_file_system_can_hold(string start, int length)
    {
        Refusal(start + new string('x', length));
        ModelReference.Parse(start + new string('x', length - 1)).IsValid.Should().BeTrue();
    }

    [Theory]
    [InlineData("hf://模/", 83)]
    [InlineData("hf://a/b@", 67)]
    [InlineData("https://host/", 86)]
    [InlineData("s3://bucket/", 86)]
    public void Counts_the_bytes_of_a_part_and_not_its_characters(string start, int length) => Refusal(start + new string('模', length));

    private static string Refusal(string text)
    {
        var parsed = ModelReference.Parse(text);
        parsed.IsValid.Should().BeFalse("\"{0}\" is no reference, but was read as {1}", text, parsed.Value);
        parsed.Error.Should().EndWith(".").And.NotMatchRegex(@"\p{C}");
        return parsed.Error!;
    }
}
