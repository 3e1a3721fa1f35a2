using Stevedore.Demo.Show;
using Stevedore.HubFixture;

namespace Stevedore.Demo.Steps;

/// <summary>The model: small, but what vLLM would load.</summary>
/// <param name="Folder">Where its files lie.</param>
/// <param name="Size">Bytes of all of them.</param>
internal sealed record Model(string Folder, long Size);

/// <summary>Step: a model is made.</summary>
internal static class MakeModel
{
    private const long TensorBytes = 64 << 20;
    private const int Shards = 2;

    public static Model Run(Scene scene)
    {
        var step = scene.Begin("A small but genuine model", "make the model");
        var folder = scene.Scratch.Sub("model");
        var size = SampleModel.Write(folder, TensorBytes, Shards);
        step.Stop();

        var files = new DirectoryInfo(folder).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        scene.Stage.Facts(
            ("in $TMP/model", $"{Bytes.Text(size)} in {files.Count} files"),
            ("weights", $"{string.Join(", ", files.Where(IsShard).Select(Describe))}"),
            ("beside them", $"{string.Join(", ", files.Where(file => !IsShard(file)).Select(file => file.Name))}"));
        step.Close($"{files.Count} files, {Bytes.Text(size)}");
        return new Model(folder, size);
    }

    private static bool IsShard(FileInfo file) => file.Extension == ".safetensors";

    private static string Describe(FileInfo file) => $"{file.Name} ({Bytes.Text(file.Length)})";
}
