using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Tests.Reporting;

public sealed class ScrubberTests
{
    private const string Token = "hf_abcdefghijklmnopqrstuvwxyz";

    [Theory]
    [InlineData("https://user:pass@host/x", "https://…@host/x")]
    [InlineData("https://token@host/x", "https://…@host/x")]
    [InlineData("https://user:p@ss@host/x", "https://…@host/x")]
    [InlineData("HTTPS://user:pass@host/x", "HTTPS://…@host/x")]
    [InlineData("proxy http://user:pass@proxy:3128 refuses", "proxy http://…@proxy:3128 refuses")]
    [InlineData("s3://AKIA:secret@bucket/x", "s3://…@bucket/x")]
    [InlineData("hf://user:pass@host/x", "hf://…@host/x")]
    [InlineData("\"https://user:pass@host\" and https://user:pass@other", "\"https://…@host\" and https://…@other")]
    public void Userinfo_does_not_pass(string text, string clean) => new Scrubber(_ => null).Clean(text).Should().Be(clean);

    [Theory]
    [InlineData("https://cdn/x?X-Amz-Signature=abc&Expires=1 failed", "https://cdn/x?… failed")]
    [InlineData("GET http://cdn/x?Policy=a~b.", "GET http://cdn/x?…")]
    [InlineData("(https://cdn/x?a=b)", "(https://cdn/x?…)")]
    [InlineData("'https://cdn/x?a=b' twice https://cdn/y?c=d", "'https://cdn/x?…' twice https://cdn/y?…")]
    [InlineData("https://user:pass@cdn/x?a=user:pass@cdn", "https://…@cdn/x?…")]
    public void Signed_addresses_lose_their_queries(string text, string clean) => new Scrubber(_ => null).Clean(text).Should().Be(clean);

    [Theory]
    [InlineData("hf://gpt2@refs/pr/3 is published")]
    [InlineData("hf://Qwen/Qwen3-8B@main, s3://bucket/prefix/")]
    [InlineData("oci://registry.example.com/llama@sha256:abc")]
    [InlineData("https://models.example.com:8080/a@b/c")]
    [InlineData("Is it up? ask a@b.example")]
    [InlineData("file \"a?b\"")]
    public void What_is_no_secret_stays(string text) => new Scrubber(_ => null).Clean(text).Should().Be(text);

    [Theory]
    [InlineData("HF_TOKEN")]
    [InlineData("HUGGING_FACE_HUB_TOKEN")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    [InlineData("AWS_SESSION_TOKEN")]
    [InlineData("AWS_ACCESS_KEY_ID")]
    public void The_values_of_variables_that_hold_secrets_do_not_pass(string variable) =>
        new Scrubber(name => name == variable ? " my/odd+secret=\n" : null).Clean("Bearer my/odd+secret= and my/odd+secret=").Should().Be("Bearer … and …");

    [Fact]
    public void A_secret_that_contains_another_goes_as_a_whole() =>
        new Scrubber(name => name == "HF_TOKEN" ? "secret" : name == "AWS_SESSION_TOKEN" ? "secret-and-more" : null).Clean("it is secret-and-more").Should().Be("it is …");

    [Fact]
    public void A_token_of_the_Hub_does_not_pass_wherever_it_came_from() =>
        new Scrubber(_ => null).Clean($"read {Token} from a file, not hf_hub or my_hf_download").Should().Be("read … from a file, not hf_hub or my_hf_download");

    [Fact]
    public void What_is_too_short_for_a_secret_does_not_blot_out_words() =>
        new Scrubber(name => name == "HF_TOKEN" ? "a" : null).Clean("a cat").Should().Be("a cat");

    [Fact]
    public void A_message_is_one_line_that_no_terminal_obeys() =>
        new Scrubber(_ => null).Clean("one\r\ntwo\n\u001b[31mred\u0007\u2028three\t ").Should().Be("one two [31mred three");
}
