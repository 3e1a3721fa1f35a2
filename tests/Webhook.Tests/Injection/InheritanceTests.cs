using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class InheritanceTests
{
    private static InjectedPod Pod(string env, string mounts = "", string envFrom = "", string model = "hf://a/b", string volumes = "", string spec = "") =>
        InjectedPod.FromYaml($$"""
            metadata: { annotations: { stevedore.dev/model: "{{model}}" } }
            spec:
              volumes: [ { name: secrets, secret: { secretName: s } }, { name: scratch, emptyDir: {} }, {{volumes}} ]
              {{spec}}
              containers:
              - { name: vllm, image: vllm/vllm-openai, env: [{{env}}], envFrom: [{{envFrom}}], volumeMounts: [{{mounts}}] }
            """);

    private static IEnumerable<string> Names(InjectedPod pod) => pod.ShouldBeInjected().Fetcher["env"]?.AsArray().Select(v => (string)v!["name"]!) ?? [];

    private static IEnumerable<string> Mounts(InjectedPod pod) => InjectedPod.Mounts(pod.ShouldBeInjected().Fetcher).Skip(2);

    [Theory]
    [InlineData("HF_TOKEN")]
    [InlineData("HUGGING_FACE_HUB_TOKEN")]
    [InlineData("AWS_ACCESS_KEY_ID")]
    [InlineData("AWS_ENDPOINT_URL_S3")]
    [InlineData("HF_ENDPOINT")]
    [InlineData("HTTPS_PROXY")]
    [InlineData("no_proxy")]
    [InlineData("STEVEDORE_HTTP_HOST")]
    [InlineData("STEVEDORE_HTTP_TOKEN")]
    [InlineData("STEVEDORE_HTTP_PASSWORD")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES")]
    public void Takes_credentials_endpoints_and_proxies_as_they_stand(string name)
    {
        var pod = Pod($"{{ name: OTHER, value: x }}, {{ name: {name}, valueFrom: {{ secretKeyRef: {{ name: s, key: k, optional: true, unknown: 1.50 }} }} }}");

        pod.ShouldBeInjected().Fetcher["env"]!.ToJsonString().Should().Be(
            """[{"name":"NAME","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":true,"unknown":1.50}}}]""".Replace("NAME", name));
    }

    [Fact]
    public void Takes_nothing_else() =>
        Pod("{ name: OTHER, value: x }, { name: HF_HOME, value: /x }, { name: HF_HUB_OFFLINE, value: '1' }, { name: VLLM_API_KEY, value: k }, { name: OTEL_SERVICE_NAME, value: vllm }")
            .ShouldBeInjected().Fetcher["env"].Should().BeNull();

    [Fact]
    public void Takes_the_variables_that_values_refer_to_in_their_order()
    {
        var pod = Pod(
            "{ name: DEEP, valueFrom: { secretKeyRef: { name: s, key: k } } }, { name: UNUSED, value: x }, "
            + "{ name: MIDDLE, value: '$(DEEP)-$$(UNUSED)' }, { name: HF_TOKEN, value: $(MIDDLE) }, { name: AWS_REGION, value: $(NOWHERE) }");

        Names(pod).Should().Equal("DEEP", "MIDDLE", "HF_TOKEN", "AWS_REGION");
    }

    [Fact]
    public void Takes_what_stands_under_one_name_twice()
    {
        var pod = Pod("{ name: HF_TOKEN, value: a }, { name: HF_TOKEN, value: \"$(HF_TOKEN)b\" }");

        pod.ShouldBeInjected().Fetcher["env"]!.AsArray().Select(v => (string)v!["value"]!).Should().Equal("a", "$(HF_TOKEN)b");
    }

    [Fact]
    public void Takes_whole_secrets_and_config_maps()
    {
        var pod = Pod("", envFrom: "{ secretRef: { name: s }, prefix: P_ }, { configMapRef: { name: c, optional: true } }").ShouldBeInjected();

        JsonNode.DeepEquals(pod.Fetcher["envFrom"], pod.Container()["envFrom"]).Should().BeTrue();
    }

    [Theory]
    [InlineData("HF_TOKEN_PATH")]
    [InlineData("AWS_SHARED_CREDENTIALS_FILE")]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("NETRC")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE")]
    public void Takes_the_mount_that_holds_a_file_read_only(string name)
    {
        var pod = Pod(
            $"{{ name: DIR, value: /secrets }}, {{ name: {name}, value: $(DIR)/deep/file }}",
            "{ name: scratch, mountPath: /sec }, { name: secrets, mountPath: /secrets, subPath: part }, { name: scratch, mountPath: /secrets-not }");

        Names(pod).Should().Equal("DIR", name);
        Mounts(pod).Should().Equal("secrets /secrets ro sub=part");
        pod.Answer.Warnings.Should().BeEmpty();
    }

    [Theory]
    [InlineData("HF_TOKEN_PATH")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("AWS_CONFIG_FILE")]
    public void Leaves_a_file_of_the_image_behind_with_a_warning(string name)
    {
        var pod = Pod($"{{ name: {name}, value: /etc/file }}");

        Names(pod).Should().BeEmpty();
        pod.Answer.Warnings.Should().Equal($"stevedore: {name} names /etc/file, which is in no mount: the fetcher does without");
    }

    [Fact]
    public void Takes_the_variables_of_a_sub_path_expression()
    {
        var pod = Pod(
            "{ name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }, { name: HF_TOKEN_PATH, value: /secrets/token }",
            "{ name: secrets, mountPath: /secrets, subPathExpr: \"$(POD)/x\" }");

        Names(pod).Should().Equal("POD", "HF_TOKEN_PATH");
        Mounts(pod).Should().Equal("secrets /secrets ro expr=$(POD)/x");
    }

    [Fact]
    public void Warns_of_a_file_that_is_not_there_when_the_fetcher_starts()
    {
        var pod = Pod("{ name: HF_TOKEN_PATH, value: /vault/token }", "{ name: scratch, mountPath: /vault }");

        Mounts(pod).Should().Equal("scratch /vault ro");
        pod.Answer.Warnings.Should().Equal("stevedore: HF_TOKEN_PATH lies on an emptyDir, which is empty when the fetcher starts");
    }

    [Theory]
    [InlineData("REQUESTS_CA_BUNDLE")]
    [InlineData("CURL_CA_BUNDLE")]
    public void Tells_the_fetcher_of_other_clients_authorities(string name)
    {
        var pod = Pod($"{{ name: {name}, value: /secrets/ca.pem }}", "{ name: secrets, mountPath: /secrets }").ShouldBeInjected();

        pod.Args.Should().Be("hf://a/b --ca-bundle /secrets/ca.pem");
        Mounts(pod).Should().Equal("secrets /secrets ro");
        Names(pod).Should().BeEmpty();
    }

    [Fact]
    public void Lets_the_fetchers_own_variable_for_authorities_go_first()
    {
        var pod = Pod("{ name: SSL_CERT_FILE, value: /secrets/a.pem }, { name: REQUESTS_CA_BUNDLE, value: /secrets/b.pem }", "{ name: secrets, mountPath: /secrets }");

        pod.ShouldBeInjected().Args.Should().Be("hf://a/b");
        Names(pod).Should().Equal("SSL_CERT_FILE");
    }

    [Fact]
    public void Takes_the_first_of_two_containers_that_differ()
    {
        var pod = InjectedPod.FromYaml("""
            metadata: { annotations: { stevedore.dev/model: hf://a/b } }
            spec:
              containers:
              - { name: one, image: vllm/vllm-openai, env: [ { name: HF_TOKEN, value: a }, { name: AWS_REGION, value: r } ] }
              - { name: two, image: vllm/vllm-openai, env: [ { name: HF_TOKEN, value: b }, { name: AWS_REGION, value: r }, { name: HF_ENDPOINT, value: e } ] }
            """).ShouldBeInjected();

        InjectedPod.Env(pod.Fetcher).Should().Equal(new Dictionary<string, string?> { ["HF_TOKEN"] = "a", ["AWS_REGION"] = "r", ["HF_ENDPOINT"] = "e" });
        pod.Answer.Warnings.Should().Equal("stevedore: HF_TOKEN differs between containers; the fetcher uses that of \"one\"");
    }

    [Fact]
    public void Gives_the_fetcher_the_mount_of_a_model_in_a_file()
    {
        var pod = Pod("", "{ name: models, mountPath: /mnt/nfs }", model: "file:///mnt/nfs/llama/", volumes: "{ name: models, nfs: { server: s, path: /p } }");

        pod.ShouldBeInjected().Args.Should().Be("file:///mnt/nfs/llama/");
        Mounts(pod).Should().Equal("models /mnt/nfs ro");
    }

    [Fact]
    public void Finds_the_mount_of_a_model_in_another_container()
    {
        var pod = Pod("", model: "file:///mnt/nfs/llama/", spec: "initContainers: [ { name: i, image: x, volumeMounts: [ { name: secrets, mountPath: /mnt/nfs } ] } ]");

        Mounts(pod).Should().Equal("secrets /mnt/nfs ro");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ name: secrets, mountPath: /mnt/nf }")]
    [InlineData("{ name: secrets, mountPath: /mnt/nfs/llama/deeper }")]
    public void Denies_a_model_in_a_file_that_no_mount_covers(string mounts) =>
        Pod("", mounts, model: "file:///mnt/nfs/llama/").ShouldBeDenied(DenyReason.FileNotMounted, "mount the volume that holds it");

    [Fact]
    public void Leaves_a_variable_from_a_file_that_another_container_writes_behind()
    {
        var pod = Pod("{ name: HF_TOKEN, valueFrom: { fileKeyRef: { volumeName: scratch, path: env, key: HF_TOKEN } } }");

        Names(pod).Should().BeEmpty();
        pod.Answer.Warnings.Should().ContainSingle(w => w.Contains("too late for the fetcher"));
    }
}
