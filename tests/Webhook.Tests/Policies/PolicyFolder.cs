namespace Stevedore.Webhook.Tests.Policies;

/// <summary>A policy file of a test's own, as an editor or as a ConfigMap's volume changes it.</summary>
internal sealed class PolicyFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-policy-");
    private int _generation;

    public string File => Path.Combine(_folder.FullName, "policy.yaml");

    /// <summary>Where a ConfigMap's volume shows the file.</summary>
    public string Projected => Path.Combine(_folder.FullName, "..data", "policy.yaml");

    public PolicyFolder Write(string text)
    {
        System.IO.File.WriteAllText(File, text);
        return this;
    }

    /// <summary>Swaps the symlink <c>..data</c>, as the kubelet does.</summary>
    public PolicyFolder Project(string text)
    {
        var generation = Directory.CreateDirectory(Path.Combine(_folder.FullName, $"..{++_generation}"));
        System.IO.File.WriteAllText(Path.Combine(generation.FullName, "policy.yaml"), text);
        var (next, data) = (Path.Combine(_folder.FullName, "..data_tmp"), Path.Combine(_folder.FullName, "..data"));
        System.IO.File.CreateSymbolicLink(next, generation.Name);
        System.IO.File.Delete(data);
        Directory.Move(next, data);
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
