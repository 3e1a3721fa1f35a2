using Stevedore.Contract.CommandLine;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class ReadingPolicyTests
{
    [Fact]
    public void Reads_every_field()
    {
        var policy = PolicyText.Valid(PolicyText.Complete);

        policy.Should().BeEquivalentTo(new { Name = "shared-nfs", Generation = 3L, Priority = 100, Injection = InjectionSwitch.Enabled, Offline = true });
        policy.NamespaceSelector.Requirements.Should().BeEquivalentTo(
            [new LabelRequirement("tier", LabelOperator.In, ["gold"]), new LabelRequirement("team", LabelOperator.NotIn, ["ads", ""])]);
        policy.PodSelector.Requirements.Should().BeEquivalentTo([new LabelRequirement("example.com/size", LabelOperator.Exists, [])]);
        policy.Models.Allow.Select(glob => glob.Text).Should().Equal("hf://meta-llama/*", "s3://weights/");
        policy.Models.Deny.Select(glob => glob.Text).Should().Equal("hf://meta-llama/*-Base");
        policy.Strategy.Should().Be(Strategy.Shared);
        policy.AllowedStrategies.Should().Equal(Strategy.Shared, Strategy.Local, Strategy.Node);
        policy.Isolation.Should().Be(Isolation.Cluster);
        policy.Sources.Should().BeEquivalentTo([new SourceRule("hf://", ["s3://weights/hub/", "https://hub.internal/"], OriginalUse.Forbidden)]);
        policy.HubEndpoint.Should().Be(new Uri("https://hub.internal"));
        policy.S3.Should().Be(new S3Settings(new Uri("https://minio.storage.svc:9000"), "us-east-1", true, false));
        policy.CredentialsSecret.Should().Be("hf-token");
        policy.CaBundle.Should().Be(new CaBundle("company-ca", "roots.pem"));
        policy.Proxy.Should().BeEquivalentTo(new ProxySettings(new Uri("http://proxy:3128"), new Uri("http://proxy:3128"), [".svc", "10.0.0.0/8"]));
        policy.MountPath.Should().Be("/var/cache/models");
        policy.NodePlacement.Should().Be(NodePlacement.Required);
    }

    [Fact]
    public void Keeps_volumes_as_they_are_written()
    {
        var volumes = PolicyText.Valid(PolicyText.Complete).Volumes;

        volumes.Common!.Json.GetRawText().Should().Be("""{"persistentVolumeClaim":{"claimName":"models","readOnly":false}}""");
        volumes.For(Strategy.Shared)!.Json.GetRawText().Should().Be("""{"nfs":{"server":"nfs.internal","path":"/models"}}""");
        volumes.For(Strategy.Local)!.Json.GetRawText().Should().Be("""{"emptyDir":{"sizeLimit":"200Gi"}}""");
        volumes.For(Strategy.Lazy)!.Json.GetRawText().Should().Be("""{"csi":{"driver":"csi.juicefs.com","volumeAttributes":{"volumeHandle":"weights"}}}""");
        volumes.For(Strategy.Image).Should().BeNull();
    }

    [Fact]
    public void Gives_the_common_volume_to_every_strategy_that_it_suits()
    {
        var volumes = PolicyText.Valid(PolicyText.With("{ strategy: Shared, allowedStrategies: [Shared, Local, Node, Native], volume: { nfs: { server: s, path: /p } } }")).Volumes;

        volumes.For(Strategy.Node)!.Kind.Should().Be("nfs");
        volumes.For(Strategy.Native)!.Kind.Should().Be("nfs");
        volumes.For(Strategy.Local)!.Json.GetRawText().Should().Be("""{"emptyDir":{}}""", "what others read is no cache of the pod's own");
    }

    [Fact]
    public void Reads_what_the_fetcher_is_told()
    {
        var fetcher = PolicyText.Valid(PolicyText.Complete).Fetcher;

        fetcher.Should().BeEquivalentTo(new
        {
            Image = "registry.internal/stevedore/fetcher:0.1.0",
            ImagePullPolicy = ImagePullPolicy.IfNotPresent,
            Connections = 16,
            Verification = Verification.Full,
            Wait = TimeSpan.FromMinutes(30),
            RunAsUser = 1000L,
            RunAsGroup = 2000L,
        });
        fetcher.Resources!.Value.GetRawText().Should().Be("""{"requests":{"cpu":2,"memory":"1Gi"},"limits":{"memory":"2Gi"}}""");
        fetcher.Env.Select(variable => (variable.Name, variable.Value)).Should().Equal(("HF_HUB_ETAG_TIMEOUT", "30"), ("TOKEN", null));
        fetcher.Env[1].Json!.Value.GetRawText().Should().Be("""{"name":"TOKEN","valueFrom":{"secretKeyRef":{"name":"hub","key":"token"}}}""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ priority: null, volume: null, models: {}, fetcher: { resources: Auto, env: [] }, namespaceSelector: {}, hub: {}, s3: {}, proxy: {}, volumes: {} }")]
    public void Takes_the_built_in_rules_for_what_is_not_said(string spec) => PolicyText.Valid(PolicyText.With(spec)).Should().BeEquivalentTo(
        InjectionPolicy.BuiltIn with { Name = "p" }, options => options.ComparingByMembers<InjectionPolicy>().ComparingByMembers<FetcherRules>());

    [Theory]
    [InlineData("{ strategy: shared, volume: { nfs: { server: s, path: /p } }, isolation: NAMESPACE, injection: disabled, fetcher: { verification: full } }")]
    public void Reads_words_in_any_case(string spec)
    {
        var policy = PolicyText.Valid(PolicyText.With(spec));

        policy.Strategy.Should().Be(Strategy.Shared);
        policy.Injection.Should().Be(InjectionSwitch.Disabled);
        policy.Fetcher.Verification.Should().Be(Verification.Full);
    }

    [Fact]
    public void Reads_several_documents_and_lists()
    {
        var text = $$"""
            {{PolicyText.With("{}", "a")}}
            ---
            # nothing
            ---
            { apiVersion: v1, kind: List, items: [ {{PolicyText.With("{}", "b")}}, {{PolicyText.With("{}", "c")}} ] }
            """;

        PolicyText.Read(text).Policies.Select(policy => policy.Name).Should().Equal("a", "b", "c");
    }

    [Fact]
    public void Reads_json_too() =>
        PolicyText.Valid("""{"apiVersion":"stevedore.dev/v1alpha1","kind":"ModelCachePolicy","metadata":{"name":"p"},"spec":{"priority":-5}}""").Priority.Should().Be(-5);
}
