using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

/// <summary>Models that a volume holds already: claims, images, and what a CSI driver shows.</summary>
public sealed class MountedModelTests
{
    private const string Image = "{ strategy: Image }";
    private const string Lazy = "{ strategy: Lazy, volume: { csi: { driver: d } } }";

    private static IEnumerable<string> Mounts(InjectedPod pod) => InjectedPod.Mounts(pod.ShouldBeInjected().Container());

    private static string? Redirect(InjectedPod pod) => (string?)pod.Pod["metadata"]!["annotations"]!["stevedore.dev/redirect"];

    [Fact]
    public void Are_mounted_at_the_directory_that_the_command_line_names_and_called_alike()
    {
        var pod = RuledPod.Inject("{}", "args: [/models/base, --tokenizer, /models/tokenizer]", model: "pvc://c/team/tokenizer,pvc://c/team/base");

        Mounts(pod).Should().Equal("stevedore-model-claim-0 /models/tokenizer ro sub=team/tokenizer", "stevedore-model-claim-0 /models/base ro sub=team/base");
        Redirect(pod).Should().BeNull();
    }

    [Theory]
    [InlineData("oci://ghcr.io/a/base:1", "oci://ghcr.io/a/draft@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("oci://host:5000/base:v1", "oci://host:5000/x/draft:base")]
    public void Are_told_apart_by_the_last_part_of_an_images_repository(string one, string other)
    {
        var pod = RuledPod.Inject(
            Image, "args: [/models/base, --speculative-config, '{\"model\": \"/models/draft\"}']", model: $"{other},{one}");

        Mounts(pod).Should().Equal("stevedore-model-0 /models/draft ro", "stevedore-model-1 /models/base ro");
    }

    [Fact]
    public void Lie_at_a_path_of_ours_to_which_the_name_is_redirected()
    {
        var pod = RuledPod.Inject(Lazy, "args: [a/b, --tokenizer, a/t]", model: "hf://a/b,hf://a/t");

        Mounts(pod).Should().Equal(
            "stevedore-redirect /run/stevedore ro", "stevedore-cache /run/stevedore-models/0 ro sub=a/b", "stevedore-cache /run/stevedore-models/1 ro sub=a/t");
        Redirect(pod).Should().Be("a/b\t/run/stevedore-models/0\na/t\t/run/stevedore-models/1\n");
    }

    [Fact]
    public void Need_a_directory_where_others_are_fetched() =>
        RuledPod.Inject("{}", "args: [base, --lora-modules, l=a/lora]", model: "pvc://c/base").ShouldBeDenied(DenyReason.UnusableName, "by its directory alone");

    [Fact]
    public void Are_not_redirected_where_they_are_adapters() =>
        RuledPod.Inject(Lazy, "args: [a/b, --lora-modules, l=a/lora]", model: "hf://a/b").ShouldBeInjected()
            .Answer.Warnings.Should().ContainSingle(w => w.Contains("give --lora-modules a directory"));

    [Theory]
    [InlineData("hf://a/b,oci://ghcr.io/a/b:1", Image, "hf://a/b is not among them")]
    [InlineData("oci://ghcr.io/a/b:1", Lazy, "oci://ghcr.io/a/b:1 is not among them")]
    public void Are_of_the_strategys_kind(string model, string spec, string because) =>
        RuledPod.Inject(spec, model: model).ShouldBeDenied(DenyReason.SchemeNotSupported, because);

    [Theory]
    [InlineData("1.30", "has no image volumes")]
    [InlineData("1.31", "where its feature gate ImageVolume is on")]
    [InlineData("1.34", "where its feature gate ImageVolume is on")]
    [InlineData("1.35", null)]
    public void Are_doubted_where_the_server_may_not_know_image_volumes(string version, string? doubt)
    {
        var injector = new PodInjector(InjectedPod.Settings, new FixedServerVersion(Version.Parse(version)));
        var plain = RuledPod.Inject(Image, "args: [/m]", model: "oci://ghcr.io/a/b:1").ShouldBeInjected();
        var before = plain.Pod.DeepClone();

        var pod = InjectedPod.From(before, policies: RuledPod.Policies(Image), injector: injector).ShouldBeInjected();

        pod.Answer.Warnings.Count(w => doubt is not null && w.Contains(doubt)).Should().Be(doubt is null ? 0 : 1);
        pod.Answer.Warnings.Should().HaveCount(doubt is null ? 0 : 1);
    }

    [Theory]
    [InlineData("/var/lib/models/llama", "/run/stevedore-models/0")]
    [InlineData("/run/stevedore-models", "/run/stevedore-models/0")]
    public void Give_way_to_nothing_of_the_pods_own(string own, string path)
    {
        var pod = RuledPod.Inject(
            Lazy, $"args: [a/b], volumeMounts: [ {{ name: v, mountPath: {own} }} ]", "volumes: [ { name: v, emptyDir: {} } ]");

        if (own.StartsWith("/var", StringComparison.Ordinal))
            Mounts(pod).Should().Contain(mount => mount.Contains(path));
        else
            pod.ShouldBeDenied(DenyReason.PathTaken, path);
    }
}
