// Prints the licenses of what CycloneDX bills of materials list: a line a package. What only builds and never ships is left out. Exit 1 where one has no license.
using System.Text.Json.Nodes;

string[] buildOnly = ["Microsoft.NET.ILLink.Tasks", "Microsoft.DotNet.ILCompiler"];
var unlicensed = false;
foreach (var path in args)
{
    Console.WriteLine($"{Path.GetFileName(path).Split('.')[0]}:");
    var components = JsonNode.Parse(File.ReadAllText(path))!["components"]?.AsArray() ?? [];
    foreach (var component in components.Select(node => node!.AsObject()).OrderBy(node => node["name"]!.GetValue<string>(), StringComparer.OrdinalIgnoreCase))
    {
        var name = component["name"]!.GetValue<string>();
        if (buildOnly.Any(tool => name.EndsWith(tool, StringComparison.Ordinal)))
            continue;
        var own = name.StartsWith("stevedore", StringComparison.OrdinalIgnoreCase);
        var licenses = component["licenses"]?.AsArray().Select(entry => (entry!["expression"] ?? entry["license"]?["id"] ?? entry["license"]?["name"])?.GetValue<string>()).OfType<string>().ToList() ?? [];
        unlicensed |= !own && licenses.Count == 0;
        Console.WriteLine($"  {name,-52} {component["version"]?.GetValue<string>(),-16} {(own ? "Apache-2.0" : licenses.Count > 0 ? string.Join(", ", licenses) : "UNKNOWN")}");
    }

    Console.WriteLine($"  {".NET runtime and libraries",-52} {Environment.Version,-16} MIT");
}

return unlicensed ? 1 : 0;
