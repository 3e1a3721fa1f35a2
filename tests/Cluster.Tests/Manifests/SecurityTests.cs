using k8s.Models;

namespace Stevedore.Cluster.Tests.Manifests;

public sealed class SecurityTests
{
    [KubectlTheory]
    [MemberData(nameof(Manifest.All), MemberType = typeof(Manifest))]
    public async Task No_role_has_a_wildcard_or_a_right_that_leads_to_others(string path)
    {
        var objects = (await Manifest.BuildAsync(path)).Select(KnownKinds.Read).ToList();
        var rules = objects.OfType<V1ClusterRole>().SelectMany(role => role.Rules ?? []).Concat(objects.OfType<V1Role>().SelectMany(role => role.Rules ?? [])).ToList();
        foreach (var rule in rules)
        {
            rule.Verbs.Concat(rule.Resources ?? []).Concat(rule.ApiGroups ?? []).Concat(rule.NonResourceURLs ?? []).Should().NotContain(text => text.Contains('*'));
            rule.Verbs.Should().NotContain(["escalate", "bind", "impersonate", "delete", "deletecollection"]);
            if (rule.Resources?.Contains("secrets") == true || rule.Resources?.Contains("mutatingwebhookconfigurations") == true)
                rule.ResourceNames.Should().NotBeNullOrEmpty($"{path}: {string.Join(',', rule.Resources)} only by name");
        }

        objects.OfType<V1ClusterRole>().SelectMany(role => role.Rules).Should().NotContain(rule => rule.Resources.Contains("secrets"), "Secrets are a namespace's business");
    }

    [KubectlTheory]
    [MemberData(nameof(Manifest.All), MemberType = typeof(Manifest))]
    public async Task Every_container_passes_the_restricted_standard_but_those_that_prepare_a_nodes_disk(string path)
    {
        var objects = (await Manifest.BuildAsync(path)).Select(KnownKinds.Read).ToList();
        foreach (var manifest in objects)
        {
            if (PodSpecs.TemplateOf(manifest) is not { } template)
                continue;
            if (manifest is V1DaemonSet { Metadata.Name: "prepare-model-folder" } preparing)
            {
                objects.OfType<V1Namespace>().Single(place => place.Metadata.Name == preparing.Metadata.NamespaceProperty)
                    .Metadata.Labels["pod-security.kubernetes.io/enforce"].Should().Be("privileged", "who runs as root must live where that is said");
                PodSpecs.AgainstRestricted(template.Spec).Should().BeEquivalentTo("prepare: capabilities are not dropped", "prepare: may run as root");
                continue;
            }

            PodSpecs.AgainstRestricted(template.Spec).Should().BeEmpty($"{path}: {manifest.GetType().Name}");
        }
    }

    [KubectlFact]
    public async Task A_loose_container_is_found()
    {
        var deployment = (await Manifest.BuildAsync(".")).Select(KnownKinds.Read).OfType<V1Deployment>().Single();
        deployment.Spec.Template.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = null;
        deployment.Spec.Template.Spec.SecurityContext.RunAsNonRoot = null;
        PodSpecs.AgainstRestricted(deployment.Spec.Template.Spec).Should().BeEquivalentTo("webhook: allowPrivilegeEscalation is not false", "webhook: may run as root");
    }

    [KubectlFact]
    public async Task The_webhook_itself_writes_nowhere_and_is_bounded()
    {
        var pod = (await Manifest.BuildAsync(".")).Select(KnownKinds.Read).OfType<V1Deployment>().Single().Spec.Template.Spec;
        foreach (var container in PodSpecs.Containers(pod))
        {
            container.SecurityContext.ReadOnlyRootFilesystem.Should().BeTrue();
            container.Resources.Limits.Should().ContainKey("memory");
            container.Resources.Requests.Should().ContainKeys("cpu", "memory");
        }

        pod.Volumes.Should().BeNullOrEmpty();
        pod.TerminationGracePeriodSeconds.Should().Be(30);
    }
}
