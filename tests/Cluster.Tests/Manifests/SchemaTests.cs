using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Stevedore.Cluster.Tests.Manifests;

public sealed class SchemaTests
{
    [KubectlTheory]
    [MemberData(nameof(Manifest.All), MemberType = typeof(Manifest))]
    public async Task Every_object_has_only_the_fields_that_its_kind_has(string path)
    {
        var objects = await Manifest.BuildAsync(path);
        objects.Should().NotBeEmpty();
        foreach (var manifest in objects)
        {
            var reading = () => KnownKinds.Read(manifest);
            reading.Should().NotThrow($"{path}: {manifest["kind"]} {manifest["metadata"]!["name"]}");
        }
    }

    [KubectlFact]
    public async Task A_misspelt_field_is_found()
    {
        var deployment = (await Manifest.BuildAsync(".")).Single(manifest => (string?)manifest["kind"] == "Deployment");
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject().Add("readynessProbe", new JsonObject());
        var reading = () => KnownKinds.Read(deployment);
        reading.Should().Throw<System.Text.Json.JsonException>().WithMessage("*readynessProbe*");
    }

    [KubectlTheory]
    [MemberData(nameof(Manifest.All), MemberType = typeof(Manifest))]
    public async Task What_objects_select_and_name_is_there(string path)
    {
        var objects = (await Manifest.BuildAsync(path)).Select(KnownKinds.Read).ToList();
        foreach (var deployment in objects.OfType<V1Deployment>())
            deployment.Spec.Selector.MatchLabels.Should().BeSubsetOf(deployment.Spec.Template.Metadata.Labels, $"{path}: {deployment.Metadata.Name}");
        foreach (var service in objects.OfType<V1Service>())
        {
            objects.Select(PodSpecs.TemplateOf).OfType<V1PodTemplateSpec>().Should().Contain(
                template => service.Spec.Selector.All(template.Metadata.Labels.Contains)
                    && service.Spec.Ports.All(port => template.Spec.Containers.Any(container => container.Ports.Any(open => open.Name == port.TargetPort.Value))),
                $"{path}: the Service {service.Metadata.Name} leads to a port of somebody's");
        }

        var places = objects.OfType<V1Namespace>().Select(place => place.Metadata.Name).ToList();
        objects.OfType<IKubernetesObject<V1ObjectMeta>>().Select(manifest => manifest.Metadata.NamespaceProperty).OfType<string>()
            .Except(places).Should().BeEmpty($"{path} makes the namespaces that it fills");
    }
}
