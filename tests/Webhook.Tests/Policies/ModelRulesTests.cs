using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class ModelRulesTests
{
    [Theory]
    [InlineData("", "", "hf://a/b", true)]
    [InlineData("hf://meta-llama/*", "", "hf://meta-llama/Llama-3.1-8B", true)]
    [InlineData("hf://meta-llama/*", "", "hf://meta-llama/Llama-3.1-8B@v1", true)]
    [InlineData("hf://meta-llama/*", "", "hf://Meta-Llama/Llama-3.1-8B", false)]
    [InlineData("hf://meta-llama/*", "", "hf://qwen/x", false)]
    [InlineData("hf://meta-llama/", "", "hf://meta-llama/Llama-3.1-8B", true)]
    [InlineData("hf://meta-llama", "", "hf://meta-llama/Llama-3.1-8B", false)]
    [InlineData("hf://a/b", "", "hf://a/b@v1", true)]
    [InlineData("hf://a/b@v1", "", "hf://a/b@v1", true)]
    [InlineData("hf://a/b@v1", "", "hf://a/b@v2", false)]
    [InlineData("hf://a/b@main", "", "hf://a/b", true)]
    [InlineData("s3://weights/team-a/", "", "s3://weights/team-a/llama/", true)]
    [InlineData("s3://weights/team-a/", "", "s3://weights/team-b/llama/", false)]
    [InlineData("", "hf://evil/*", "hf://evil/x", false)]
    [InlineData("", "hf://evil/*", "hf://evil/x@main", false)]
    [InlineData("", "hf://evil/*", "hf://EVIL/x", false)]
    [InlineData("", "hf://Evil/*", "hf://evil/x", false)]
    [InlineData("", "hf://a/b@main", "hf://a/b", false)]
    [InlineData("", "hf://a/b@main", "hf://a/b@v1", true)]
    [InlineData("hf://a/*", "hf://a/b", "hf://a/b", false)]
    [InlineData("hf://a/*", "hf://a/b", "hf://a/bc", true)]
    public void Admit_what_is_allowed_and_not_denied(string allow, string deny, string model, bool admitted) =>
        new ModelRules(Globs(allow), Globs(deny)).Admit(ModelReference.Parse(model).OrThrow()).Should().Be(admitted);

    private static Glob[] Globs(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(glob => new Glob(glob))];
}
