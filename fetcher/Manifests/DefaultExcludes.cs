namespace Stevedore.Fetcher.Manifests;

/// <summary>
/// What nobody who serves a model with vLLM reads, so that it is left out unless an include asks for it: the same weights once more for another
/// framework, what a trainer left behind, and Git's own housekeeping. It depends on what else is there, folder by folder: a sentence-transformers model keeps
/// <c>2_Dense/pytorch_model.bin</c> as the only weights of that part beside safetensors in the root.
/// </summary>
internal sealed class DefaultExcludes
{
    // Keras, Flax, ONNX (with its data in files beside it), TensorFlow Lite, Core ML, rust-bert and llama.cpp.
    private static readonly string[] OtherFrameworks =
        [".h5", ".msgpack", ".onnx", ".onnx_data", ".onnx.data", ".tflite", ".mlmodel", ".ot", ".gguf"];

    private static readonly string[] TorchWeights = [".safetensors", ".bin", ".pth", ".pt", ".ckpt"];

    // A ".pt" can be a part that vLLM loads besides safetensors (bge-m3's sparse_linear.pt), so only what trainers write is known to be left over.
    private static readonly string[] TorchCheckpoints =
        ["pytorch_model", "model", "consolidated", "optimizer", "scheduler", "scaler", "rng_state"];

    private static readonly string[] Vocabularies = ["tokenizer", "vocab", "spiece", "sentencepiece", "merges"];

    private readonly HashSet<string> _withSafetensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withOrdinaryShards = new(StringComparer.Ordinal);

    private DefaultExcludes()
    {
    }

    /// <summary>The rules as they apply beside these files.</summary>
    public static DefaultExcludes For(IEnumerable<string> paths)
    {
        var rules = new DefaultExcludes();
        foreach (var path in paths.Where(path => path.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            var (folder, name) = Split(path);
            rules._withSafetensors.Add(folder);
            if (name.StartsWith("model", StringComparison.Ordinal))
                rules._withOrdinaryShards.Add(folder);
        }

        return rules;
    }

    /// <summary>Whether the file is left out.</summary>
    public bool Covers(string path)
    {
        var (folder, name) = Split(path);
        return path.StartsWith("original/", StringComparison.Ordinal)
            || name == ".gitattributes"
            || IsOtherFramework(path)
            || (_withSafetensors.Contains(folder) && IsTorchCheckpoint(name))
            || (_withOrdinaryShards.Contains(folder) && IsConsolidated(name));
    }

    /// <summary>Whether these are weights that PyTorch can't read.</summary>
    public static bool IsOtherFramework(string path) =>
        OtherFrameworks.Any(extension => path.EndsWith(extension, StringComparison.Ordinal))
        || path.Contains(".mlpackage/", StringComparison.Ordinal)
        || Split(path).Name.StartsWith("openvino_", StringComparison.Ordinal);

    /// <summary>Whether these may be weights that vLLM reads.</summary>
    public static bool AreWeights(string path) =>
        TorchWeights.Any(extension => path.EndsWith(extension, StringComparison.Ordinal)) || path.EndsWith(".gguf", StringComparison.Ordinal);

    private static bool IsTorchCheckpoint(string name)
    {
        if (name.EndsWith(".bin", StringComparison.Ordinal) || name.EndsWith(".pth", StringComparison.Ordinal))
            return !Vocabularies.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
        return name.EndsWith(".bin.index.json", StringComparison.Ordinal)
            || (name.EndsWith(".pt", StringComparison.Ordinal) && TorchCheckpoints.Any(start => name.StartsWith(start, StringComparison.Ordinal)));
    }

    /// <summary>Mistral's own format, which makes vLLM choose another loader where it lies beside ordinary shards.</summary>
    private static bool IsConsolidated(string name) =>
        name.StartsWith("consolidated", StringComparison.Ordinal)
        && (name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".safetensors.index.json", StringComparison.Ordinal));

    private static (string Folder, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }
}
