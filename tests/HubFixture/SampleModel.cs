using System.Text.Encodings.Web;
using System.Text.Json;
using Stevedore.HubFixture.Models;

namespace Stevedore.HubFixture;

/// <summary>
/// A small but genuine Hugging Face model: a Llama whose tensors have the shapes that its configuration says, a working tokenizer,
/// safetensors shards and their index. It computes nonsense. The same arguments write the same bytes.
/// </summary>
public static class SampleModel
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the model's files into a folder, which is made if need be.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="size">How many bytes the tensors should take, at least 16 KiB. It is met within 5%, from 1 MiB on within 0.1%.</param>
    /// <param name="shards">How many safetensors files; 1 gives <c>model.safetensors</c> without an index, as usual.</param>
    /// <param name="seed">Another seed gives other weights of the same shapes.</param>
    /// <returns>How many bytes all files take.</returns>
    public static long Write(string directory, long size = 64 << 20, int shards = 2, ulong seed = 1)
    {
        var tokenizer = TinyTokenizer.Train();
        var shape = LlamaShape.For(size, tokenizer.VocabularySize);
        Directory.CreateDirectory(directory);
        WriteJson(directory, "config.json", shape.Config());
        WriteJson(directory, "generation_config.json", LlamaShape.GenerationConfig());
        WriteJson(directory, "tokenizer.json", tokenizer.Json());
        WriteJson(directory, "tokenizer_config.json", TinyTokenizer.Config());
        WriteJson(directory, "special_tokens_map.json", TinyTokenizer.SpecialTokens());

        var plan = ShardPlan.For(shape.Tensors(), shards);
        if (shards > 1)
            WriteJson(directory, "model.safetensors.index.json", plan.Index());
        foreach (var shard in plan.Shards)
            SafetensorsFile.Write(Path.Combine(directory, shard.FileName), shard.Tensors, seed);
        return new DirectoryInfo(directory).EnumerateFiles().Sum(file => file.Length);
    }

    private static void WriteJson(string directory, string name, object value) =>
        File.WriteAllText(Path.Combine(directory, name), JsonSerializer.Serialize(value, Indented) + "\n");
}
