using System.Text.Json.Nodes;
using Stevedore.Programs;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Cluster.Tests.Manifests;

/// <summary>What users apply, built as kubectl builds it.</summary>
internal static class Manifest
{
    private static readonly Checkout Checkout = Checkout.Find();

    /// <summary>The folder of all manifests.</summary>
    public static string Folder => Path.Combine(Checkout.Root, "manifests");

    /// <summary>Every kustomization that can be applied, by its path below <see cref="Folder"/>; components by the base with each of them.</summary>
    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Folder, "kustomization.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];

    /// <summary>Builds one of them in a copy of the manifests.</summary>
    public static async Task<IReadOnlyList<JsonObject>> BuildAsync(string path)
    {
        using var copy = Copy();
        // What make certs leaves and the developer copies.
        await File.WriteAllTextAsync(copy.Sub("manifests", "overlays", "dev", "ca.crt"), "an authority\n");
        return Objects(await Kubectl.RunAsync("kustomize", path.StartsWith("components/", StringComparison.Ordinal) ? WithBase(copy, path) : copy.Sub("manifests", path)));
    }

    /// <summary>The objects of YAML documents.</summary>
    public static IReadOnlyList<JsonObject> Objects(string yaml) => [.. YamlDocuments.Read(new StringReader(yaml)).Select(document => document.AsObject())];

    /// <summary>A base with one component, as a user's own kustomization has it.</summary>
    private static string WithBase(TemporaryFolder copy, string component)
    {
        var own = copy.Inner("own").Path;
        File.WriteAllText(Path.Combine(own, "kustomization.yaml"), $"resources: [../manifests/base]\ncomponents: [../manifests/{component}]\n");
        return own;
    }

    private static TemporaryFolder Copy()
    {
        var folder = TemporaryFolder.For("stevedore-manifests");
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var target = folder.Sub("manifests", Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return folder;
    }
}
