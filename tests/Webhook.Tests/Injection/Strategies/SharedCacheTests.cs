using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

/// <summary>One tenant must not fill another's cache: what a pod can't bring into the fetcher of a cache that others read.</summary>
public sealed class SharedCacheTests
{
    private const string Credentialed = "{ strategy: Shared, volume: { nfs: { server: s, path: /p } }, credentials: { secretName: hub }, hub: { endpoint: https://hub.internal }, proxy: { https: 'http://proxy:3128' } }";

    private static IEnumerable<string> Names(InjectedPod pod) =>
        pod.ShouldBeInjected().Fetcher["env"]!.AsArray().Select(v => (string)v!["name"]!).Where(name => !name.StartsWith("STEVEDORE_", StringComparison.Ordinal));

    private static InjectedPod WithEnv(string env, string spec = RuledPod.Shared, string mounts = "", string volumes = "") =>
        RuledPod.Inject(spec, $"args: [a/b], env: [{env}], volumeMounts: [{mounts}]", volumes);

    public static TheoryData<string> Foreign =>
    [
        "{ name: HF_ENDPOINT, value: 'https://evil.example' }",
        "{ name: AWS_ENDPOINT_URL, value: 'https://evil.example' }",
        "{ name: AWS_ENDPOINT_URL_S3, value: 'https://evil.example' }",
        "{ name: HTTP_PROXY, value: 'http://evil.example' }",
        "{ name: https_proxy, value: 'http://evil.example' }",
        "{ name: ALL_PROXY, value: 'socks5://evil.example' }",
        "{ name: E, value: evil.example }, { name: HF_ENDPOINT, value: 'https://$(E)' }",
        "{ name: SSL_CERT_FILE, value: /certs/ca.pem }",
        "{ name: SSL_CERT_DIR, value: /certs }",
        "{ name: REQUESTS_CA_BUNDLE, value: /certs/ca.pem }",
        "{ name: AWS_CA_BUNDLE, value: /certs/ca.pem }",
    ];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Denies_a_pod_that_wants_its_content_from_elsewhere(string env)
    {
        var pod = WithEnv(env, mounts: "{ name: c, mountPath: /certs }", volumes: "volumes: [ { name: c, configMap: { name: c } } ]");

        pod.ShouldBeDenied(DenyReason.EndpointNotAllowed, "use the strategy Local");
        pod.Answer.Message.Should().Contain("policy \"p\"");
    }

    [Theory]
    [InlineData("{ name: HF_ENDPOINT, value: 'https://huggingface.co/' }", RuledPod.Shared)]
    [InlineData("{ name: HF_ENDPOINT, value: '' }", RuledPod.Shared)]
    [InlineData("{ name: HF_ENDPOINT, value: 'https://hub.internal' }, { name: HTTPS_PROXY, value: 'http://proxy:3128/' }", Credentialed)]
    [InlineData("{ name: NO_PROXY, value: .svc }", RuledPod.Shared)]
    [InlineData("{ name: SSL_CERT_FILE, value: /etc/ssl/certs/ca-certificates.crt }", RuledPod.Shared)]
    public void Takes_a_pod_that_wants_what_the_policy_says_or_nothing(string env, string spec) => WithEnv(env, spec).ShouldBeInjected();

    [Theory]
    [InlineData("pathStyle: true", "--s3-addressing path")]
    [InlineData("pathStyle: false", "--s3-addressing virtual")]
    [InlineData("anonymous: false", "--s3-endpoint https://oss.example")]
    public void Says_where_an_S3_store_wants_the_buckets_name(string style, string arguments)
    {
        var pod = RuledPod.Inject($"{{ strategy: Shared, volume: {{ nfs: {{ server: s, path: /p }} }}, s3: {{ endpoint: https://oss.example, {style} }} }}", "args: [/models/x]", model: "s3://bkt/x/");

        pod.ShouldBeInjected().Args.Should().Contain(arguments);
        pod.Args.Contains("--s3-addressing", StringComparison.Ordinal).Should().Be(style.StartsWith("path", StringComparison.Ordinal), "what is not said is left to the fetcher");
    }

    [Fact]
    public void Says_that_an_endpoint_which_the_pod_does_not_show_is_not_passed_on()
    {
        var pod = WithEnv("{ name: HF_ENDPOINT, valueFrom: { configMapKeyRef: { name: c, key: k } } }");

        Names(pod).Should().BeEmpty();
        pod.Answer.Warnings.Should().ContainSingle(w => w.Contains("HF_ENDPOINT is not passed on"));
    }

    [Fact]
    public void Takes_the_pods_identity_and_nothing_that_steers()
    {
        var pod = WithEnv(
            "{ name: HF_TOKEN, valueFrom: { secretKeyRef: { name: s, key: k } } }, { name: AWS_ACCESS_KEY_ID, value: A }, { name: AWS_REGION, value: eu-west-1 }, "
            + "{ name: AWS_PROFILE, value: p }, { name: AWS_CONFIG_FILE, value: /secrets/config }, { name: HF_TOKEN_PATH, value: /secrets/token }, "
            + "{ name: LD_PRELOAD, value: /secrets/evil.so }, { name: NO_PROXY, value: '*' }",
            mounts: "{ name: s, mountPath: /secrets }", volumes: "volumes: [ { name: s, secret: { secretName: s } } ]");

        Names(pod).Should().BeEquivalentTo("HF_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_REGION", "HF_TOKEN_PATH");
        InjectedPod.Mounts(pod.Fetcher).Should().Contain("s /secrets ro");
    }

    [Theory]
    [InlineData("{ name: LD_PRELOAD, value: /secrets/evil.so }, { name: HF_TOKEN, value: '$(LD_PRELOAD)' }")]
    [InlineData("{ name: AWS_REGION, value: 'evil.example/#' }")]
    [InlineData("{ name: AWS_REGION, valueFrom: { configMapKeyRef: { name: c, key: k } } }")]
    public void Takes_no_value_that_brings_more_than_itself(string env)
    {
        var pod = WithEnv(env);

        Names(pod).Should().BeEmpty();
        pod.Answer.Warnings.Should().ContainSingle(w => w.Contains("the fetcher of a shared cache does without it"));
    }

    [Theory]
    [InlineData("/usr/local/lib")]
    [InlineData("/etc/ssl")]
    [InlineData("/lib64")]
    [InlineData("/app")]
    public void Takes_no_mount_that_would_lie_over_the_program(string path)
    {
        var pod = WithEnv(
            $"{{ name: HF_TOKEN_PATH, value: {path}/token }}", mounts: $"{{ name: s, mountPath: {path} }}", volumes: "volumes: [ { name: s, secret: { secretName: s } } ]");

        Names(pod).Should().BeEmpty();
        pod.Fetcher["volumeMounts"]!.AsArray().Should().HaveCount(2);
        pod.Answer.Warnings.Should().ContainSingle(w => w.Contains("can't be given to the fetcher"));
    }

    [Fact]
    public void Takes_of_an_envFrom_the_credentials_alone()
    {
        var pod = RuledPod.Inject(RuledPod.Shared, "args: [a/b], envFrom: [ { secretRef: { name: mine } } ]").ShouldBeInjected();

        pod.Fetcher["envFrom"].Should().BeNull();
        pod.Fetcher["env"]!.AsArray().Select(v => (string)v!["name"]!).Skip(5).Should().Equal(InheritedNames.Credentials);
        pod.Fetcher["env"]![5]!.ToJsonString().Should().Be(
            """{"name":"HF_TOKEN","valueFrom":{"secretKeyRef":{"name":"mine","key":"HF_TOKEN","optional":true}}}""");
    }

    [Theory]
    [InlineData("env: [ { name: HF_TOKEN, valueFrom: { secretKeyRef: { name: mine, key: t } } } ]", "mine")]
    [InlineData("envFrom: [ { secretRef: { name: mine } } ]", "hub mine")]
    [InlineData("env: []", "hub")]
    public void Lets_the_pods_own_token_count_before_the_policys_secret(string own, string secrets)
    {
        var pod = RuledPod.Inject(Credentialed, $"args: [a/b], {own}").ShouldBeInjected();

        pod.Fetcher["envFrom"].Should().BeNull("whoever writes that Secret would choose every variable of the fetcher");
        pod.Fetcher["env"]!.AsArray().Where(v => (string)v!["name"]! == "HF_TOKEN").Select(v => (string)v!["valueFrom"]!["secretKeyRef"]!["name"]!)
            .Should().Equal(secrets.Split(' '), "the kubelet lets the last one count that is there");
    }

    [Fact]
    public void Runs_as_the_policys_user_whatever_the_pod_runs_as()
    {
        var pod = RuledPod.Inject(
            "{ strategy: Shared, volume: { nfs: { server: s, path: /p } }, fetcher: { securityContext: { runAsUser: 5000, runAsGroup: 6000 } } }",
            "args: [a/b], securityContext: { runAsUser: 1000 }", "securityContext: { runAsUser: 0, fsGroup: 3 }").ShouldBeInjected();

        ((int)pod.Fetcher["securityContext"]!["runAsUser"]!, (int)pod.Fetcher["securityContext"]!["runAsGroup"]!).Should().Be((5000, 6000));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("")]
    public void Gives_no_folder_to_what_is_no_namespace(string name)
    {
        using var document = System.Text.Json.JsonDocument.Parse("""
            {"metadata":{"annotations":{"stevedore.dev/model":"hf://a/b"}},"spec":{"containers":[{"name":"c","image":"vllm/vllm-openai"}]}}
            """);

        var answer = InjectedPod.Injector.Answer(
            new PodRequest(Door.Explicit, document.RootElement, name, new Dictionary<string, string>()), RuledPod.Policies(RuledPod.Shared));

        (answer.Outcome, answer.Reason).Should().Be((PodOutcome.Denied, nameof(DenyReason.MalformedPod)));
        answer.Message.Should().Contain("is no namespace");
    }
}
