namespace Stevedore.Webhook.Tests.Policies;

public sealed class WrongPolicyTests
{
    /// <summary>A spec, where it is wrong, and a piece of what is said about it.</summary>
    public static TheoryData<string, string, string> Specs => new()
    {
        { "{ prioritty: 1 }", "spec.prioritty", "is not known; did you mean priority?" },
        { "{ storage: 1 }", "spec.storage", "is not known; kubectl explain mcpol --recursive lists what there is." },
        { "{ models: { only: [] } }", "spec.models.only", "is not known; write one of allow, deny." },
        { "{ priority: '1' }", "spec.priority", "is a text; write a number." },
        { "{ priority: 1.5 }", "spec.priority", "is 1.5; write a whole number from -2147483648 to 2147483647." },
        { "{ priority: 3000000000 }", "spec.priority", "is 3000000000; write a whole number" },
        { "{ injection: Off }", "spec.injection", "is a boolean (false); write a text, in quotes" },
        { "{ injection: Enable }", "spec.injection", "is \"Enable\"; did you mean Enabled?" },
        { "{ strategy: Sharde }", "spec.strategy", "is \"Sharde\"; did you mean Shared?" },
        { "{ strategy: \"3\" }", "spec.strategy", "is \"3\"; write one of Native, Local, Shared, Node, Prepopulated, Image, Lazy." },
        { "{ strategy: '' }", "spec.strategy", "is empty; fill it or leave it out." },
        { "{ allowedStrategies: [Native] }", "spec.allowedStrategies", "leaves out Local, which spec.strategy says" },
        { "{ allowedStrategies: [Local, local] }", "spec.allowedStrategies", "has a word twice" },
        { "{ allowedStrategies: [] }", "spec.allowedStrategies", "is empty; write at least one" },
        { "{ allowedStrategies: Local }", "spec.allowedStrategies", "is a text; write a list." },
        { "{ strategy: Shared }", "spec.volumes.Shared", "is missing, since Shared is allowed" },
        { "{ allowedStrategies: [Local, Lazy] }", "spec.volumes.Lazy", "is missing, since Lazy is allowed" },
        { "{ volume: {} }", "spec.volume", "has 0 volume sources; write exactly one" },
        { "{ volume: { emptyDir: {}, ephemeral: {} } }", "spec.volume", "has 2 volume sources" },
        { "{ volume: { persistantVolumeClaim: { claimName: m } } }", "spec.volume.persistantVolumeClaim", "did you mean persistentVolumeClaim?" },
        { "{ volume: { secret: { secretName: m } } }", "spec.volume.secret", "is no volume that can hold a cache" },
        { "{ volume: { emptyDir: memory } }", "spec.volume.emptyDir", "must be an object" },
        { "{ strategy: Shared, volume: { persistentVolumeClaim: {} } }", "spec.volume.persistentVolumeClaim.claimName", "is missing; name the claim" },
        { "{ strategy: Shared, volume: { persistentVolumeClaim: { claimName: My_Claim } } }", "spec.volume.persistentVolumeClaim.claimName", "is no name of an object" },
        { "{ strategy: Shared, volume: { nfs: { server: s } } }", "spec.volume.nfs.path", "is missing" },
        { "{ strategy: Node, volume: { hostPath: { path: var/lib } } }", "spec.volume.hostPath.path", "write an absolute path" },
        { "{ strategy: Node, volume: { hostPath: { path: /var/../etc } } }", "spec.volume.hostPath.path", "without \"..\"" },
        { "{ strategy: Lazy, volume: { csi: {} } }", "spec.volume.csi.driver", "is missing" },
        { "{ strategy: Shared, volume: { emptyDir: {} } }", "spec.volume", "is emptyDir, which ends with the pod" },
        { "{ volume: { nfs: { server: s, path: /p } } }", "spec.volume", "is nfs, which others read too, and Local is a cache of the pod's own" },
        { "{ volumes: { Local: { nfs: { server: s, path: /p } } } }", "spec.volumes.Local", "is nfs, which others read too" },
        { "{ volumes: { local: { emptyDir: {} } } }", "spec.volumes.local", "did you mean Local?" },
        { "{ volumes: { Image: { emptyDir: {} } } }", "spec.volumes.Image", "is not known" },
        { "{ isolation: Cluster }", "spec.isolation", "list what all may read in spec.models.allow" },
        { "{ models: { allow: [meta-llama/*] } }", "spec.models.allow[0]", "covers no model, since references begin with their scheme" },
        { "{ models: { deny: ['hf://a b'] } }", "spec.models.deny[0]", "contains white space" },
        { "{ models: { deny: [ok://, 7] } }", "spec.models.deny[1]", "is a number; write a text" },
        { "{ namespaceSelector: { matchLabels: { -x: a } } }", "spec.namespaceSelector.matchLabels[-x]", "is no key of a label" },
        { "{ namespaceSelector: { matchLabels: { x: a/b } } }", "spec.namespaceSelector.matchLabels[x]", "is no value of a label" },
        { "{ namespaceSelector: { matchLabels: { x: true } } }", "spec.namespaceSelector.matchLabels[x]", "is a boolean (true); write a text" },
        { "{ podSelector: { matchExpressions: [ { key: a, operator: Gt, values: ['1'] } ] } }", "spec.podSelector.matchExpressions[0].operator", "did you mean In?" },
        { "{ podSelector: { matchExpressions: [ { key: a, operator: In } ] } }", "spec.podSelector.matchExpressions[0].values", "is empty, and In compares" },
        { "{ podSelector: { matchExpressions: [ { key: a, operator: Exists, values: [b] } ] } }", "spec.podSelector.matchExpressions[0].values", "is of no use with Exists" },
        { "{ podSelector: { matchExpressions: [ { operator: Exists } ] } }", "spec.podSelector.matchExpressions[0].key", "is missing; name the label" },
        { "{ podSelector: { matchExpressions: [ { key: a } ] } }", "spec.podSelector.matchExpressions[0].operator", "is missing" },
        { "{ podSelector: { matchExpressions: [ a ] } }", "spec.podSelector.matchExpressions[0]", "is a text; write an object." },
        { "{ sources: [ { mirrors: ['s3://a/'] } ] }", "spec.sources[0].prefix", "is missing" },
        { "{ sources: [ { prefix: 'hf:' } ] }", "spec.sources[0].prefix", "is the beginning of no reference" },
        { "{ sources: [ { prefix: 'hf://', mirrors: ['hub.internal/'] } ] }", "spec.sources[0].mirrors[0]", "is no place of models" },
        { "{ sources: [ { prefix: 'hf://', mirrors: ['s3://weights/hub'] } ] }", "spec.sources[0].mirrors[0]", "must end with \"/\"" },
        { "{ sources: [ { prefix: 'hf://', mirrors: ['https://me:secret@hub/'] } ] }", "spec.sources[0].mirrors[0]", "carries a user name or a password" },
        { "{ sources: [ { prefix: 'hf://', original: Forbidden } ] }", "spec.sources[0].original", "there is no mirror" },
        { "{ sources: [ { prefix: 'hf://' }, { prefix: 'hf://' } ] }", "spec.sources", "has two entries for \"hf://\"" },
        { "{ hub: { endpoint: hub.internal } }", "spec.hub.endpoint", "is no address of a service" },
        { "{ hub: { endpoint: 'https://me:secret@hub' } }", "spec.hub.endpoint", "carries a user name or a password" },
        { "{ s3: { region: 'us east' } }", "spec.s3.region", "is no region" },
        { "{ s3: { pathStyle: 'yes' } }", "spec.s3.pathStyle", "is a text; write true or false." },
        { "{ credentials: {} }", "spec.credentials.secretName", "is missing" },
        { "{ credentials: { secretName: Hub } }", "spec.credentials.secretName", "is no name of an object" },
        { "{ caBundle: { key: a } }", "spec.caBundle.configMapName", "is missing" },
        { "{ caBundle: { configMapName: a, key: a/b } }", "spec.caBundle.key", "is no key of a ConfigMap" },
        { "{ proxy: { https: 'socks5://proxy' } }", "spec.proxy.https", "is no address of a service" },
        { "{ proxy: { noProxy: ['a,b'] } }", "spec.proxy.noProxy[0]", "is no host; write one an entry" },
        { "{ mountPath: cache }", "spec.mountPath", "write an absolute path" },
        { "{ mountPath: / }", "spec.mountPath", "write an absolute path" },
        { "{ mountPath: /var/cache/ }", "spec.mountPath", "write an absolute path" },
        { "{ mountPath: /run/stevedore/cache }", "spec.mountPath", "/run/stevedore is taken" },
        { "{ mountPath: /run }", "spec.mountPath", "/run/stevedore is taken" },
        { "{ mountPath: '/a:b' }", "spec.mountPath", "write an absolute path" },
        { "{ fetcher: { image: 'a b' } }", "spec.fetcher.image", "is no name of an image" },
        { "{ fetcher: { connections: 0 } }", "spec.fetcher.connections", "write a whole number from 1 to 256" },
        { "{ fetcher: { wait: 30 minutes } }", "spec.fetcher.wait", "is not a duration" },
        { "{ fetcher: { resources: none } }", "spec.fetcher.resources", "is neither auto nor an object" },
        { "{ fetcher: { resources: { request: {} } } }", "spec.fetcher.resources.request", "did you mean requests?" },
        { "{ fetcher: { resources: { requests: { cpu: lots } } } }", "spec.fetcher.resources.requests.cpu", "write a quantity" },
        { "{ fetcher: { resources: { requests: { cpu: 2 }, limits: { cpu: 500m } } } }", "spec.fetcher.resources.requests.cpu", "is more than its limit" },
        { "{ fetcher: { env: [ { value: a } ] } }", "spec.fetcher.env[0].name", "is missing" },
        { "{ fetcher: { env: [ { name: A=B } ] } }", "spec.fetcher.env[0].name", "is no name of a variable" },
        { "{ fetcher: { env: [ { name: A, value: 30 } ] } }", "spec.fetcher.env[0].value", "must be a text; put it in quotes." },
        { "{ fetcher: { env: [ { name: A, value: a, valueFrom: {} } ] } }", "spec.fetcher.env[0].valueFrom", "write one of the two" },
        { "{ fetcher: { env: [ { name: A }, { name: A } ] } }", "spec.fetcher.env", "sets A twice" },
        { "{ fetcher: { securityContext: { runAsUser: 0 } } }", "spec.fetcher.securityContext.runAsUser", "write a whole number from 1" },
        { "[]", "spec", "is a list; write an object." },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public void Says_what_is_wrong_and_where(string spec, string path, string sentence)
    {
        var read = PolicyText.Read(PolicyText.With(spec));

        read.Policies.Should().BeEmpty();
        read.Problems.Should().ContainSingle().Which.Should().StartWith($"p: {path}: ").And.Contain(sentence);
    }

    [Theory]
    [InlineData("{ kind: ConfigMap, apiVersion: v1, data: {} }", "document 1: apiVersion: is \"v1\"; write stevedore.dev/v1alpha1.", "document 1: kind: is \"ConfigMap\"; write ModelCachePolicy.")]
    [InlineData("{ kind: ModelCachePolicy, apiVersion: stevedore.dev/v1alpha1 }", "document 1: metadata: is missing; write metadata: {name: …}.", "document 1: spec: is missing; write spec: {} for a policy that is all defaults.")]
    [InlineData("{ kind: ModelCachePolicy, apiVersion: stevedore.dev/v1alpha1, metadata: {}, spec: {} }", "document 1: metadata.name: is missing; name the policy.")]
    [InlineData("{ kind: ModelCachePolicy, apiVersion: stevedore.dev/v1alpha1, metadata: { name: built-in }, spec: {} }", "built-in: metadata.name: \"built-in\" stands for the rules where no policy applies; choose another.")]
    [InlineData("{ kind: ModelCachePolicy, apiVersion: stevedore.dev/v1alpha1, metadata: { name: a }, spec: {}, strategy: Shared }", "a: strategy: is not known; write one of apiVersion, kind, metadata, spec, status.")]
    [InlineData("just a text", "document 1: kind: is missing; write an object of kind ModelCachePolicy.")]
    [InlineData("", "There is no policy in it; write at least one, or leave --policy out.")]
    [InlineData("a: [", "Line 2, column 1: This is not YAML")]
    public void Says_what_is_wrong_around_a_spec(string text, params string[] problems) =>
        PolicyText.Read(text).Problems.Should().HaveCount(problems.Length).And.Subject.Zip(problems).Should().OnlyContain(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal));

    [Fact]
    public void Tells_all_at_once()
    {
        var text = PolicyText.With("{ priority: high, strategy: Sharde, volume: { nfs: {} }, fetcher: { connections: 0, imagge: a } }") + "\n---\n"
            + PolicyText.With("{ offline: maybe }", "q") + "\n---\n" + PolicyText.With("{}", "q");

        PolicyText.Read(text).Problems.Select(problem => string.Join(":", problem.Split(':')[..2])).Should().BeEquivalentTo(
            "p: spec.priority", "p: spec.strategy", "p: spec.volume.nfs.server", "p: spec.volume.nfs.path", "p: spec.fetcher.connections", "p: spec.fetcher.imagge", "q: spec.offline");
    }

    [Fact]
    public void Refuses_two_policies_of_one_name() => PolicyText.Read(PolicyText.With("{}") + "\n---\n" + PolicyText.With("{}")).Problems
        .Should().Equal("p: metadata.name: is the name of two policies; rename one.");
}
