using System.Runtime.InteropServices;

namespace Stevedore.Programs;

/// <summary>
/// What a started program inherits: enough to run, and nothing that would steer it. A developer's own HF_TOKEN, HF_HUB_CACHE or HTTPS_PROXY would make
/// the same run another one.
/// </summary>
internal static class CleanEnvironment
{
    private static readonly string[] Needed = ["PATH", "HOME", "TMPDIR", "LANG"];

    public static IEnumerable<KeyValuePair<string, string>> With(IReadOnlyDictionary<string, string>? added)
    {
        var inherited = Needed.Select(name => KeyValuePair.Create(name, Environment.GetEnvironmentVariable(name) ?? "")).Where(pair => pair.Value.Length > 0);
        return inherited.Append(KeyValuePair.Create("DOTNET_ROOT", DotnetRoot())).Concat(added ?? new Dictionary<string, string>());
    }

    // The runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION; with its root, a published program finds it wherever it was installed.
    private static string DotnetRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
}
