using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Stevedore.Demo.Pods;

/// <summary>A model's folder read as a loader of weights reads it: the index, and the header of every shard.</summary>
internal static class WeightFiles
{
    private const int LengthField = 8;

    /// <summary>How many tensors the index names; each must lie in the shard that it says, and each shard must be as long as its header says.</summary>
    /// <exception cref="Programs.ProgramException">Something doesn't fit.</exception>
    public static int CountTensors(string folder)
    {
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "model.safetensors.index.json")))!;
        var tensors = index["weight_map"]!.AsObject().Select(entry => (Name: entry.Key, Shard: entry.Value!.GetValue<string>())).ToList();
        foreach (var shard in tensors.GroupBy(tensor => tensor.Shard))
        {
            var header = HeaderOf(Path.Combine(folder, shard.Key));
            foreach (var (name, _) in shard)
                Scene.Require(header.ContainsKey(name), $"{shard.Key} does not hold {name}, which the index says it does.");
        }

        return tensors.Count;
    }

    // The format: a length of 8 bytes, little endian; so many bytes of JSON; the tensors.
    private static JsonObject HeaderOf(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> length = stackalloc byte[LengthField];
        file.ReadExactly(length);
        var text = new byte[BinaryPrimitives.ReadInt64LittleEndian(length)];
        file.ReadExactly(text);
        var header = JsonNode.Parse(text)!.AsObject();
        var data = header.Where(entry => entry.Key != "__metadata__").Max(entry => entry.Value!["data_offsets"]![1]!.GetValue<long>());
        Scene.Require(file.Length == LengthField + text.Length + data, $"{path} is {file.Length} bytes long, not what its header says.");
        return header;
    }
}
