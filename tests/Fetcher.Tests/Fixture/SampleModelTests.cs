using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed class SampleModelTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sample-model-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(16 << 10, 1)]
    [InlineData(64 << 10, 3)]
    [InlineData(1 << 20, 2)]
    [InlineData(8 << 20, 4)]
    public void Its_tensors_are_what_the_configuration_says_and_about_as_large_as_asked(long size, int shards)
    {
        SampleModel.Write(_folder.FullName, size, shards);

        var files = _folder.GetFiles("*.safetensors");
        files.Should().HaveCount(shards);
        var tensors = files.SelectMany(file => ReadHeader(file.FullName).Select(entry => (entry.Name, entry.Value, File: file.Name))).ToArray();
        tensors.Select(tensor => (tensor.Name, Shape: string.Join('x', tensor.Value.GetProperty("shape").EnumerateArray())))
            .Should().BeEquivalentTo(ExpectedTensors(Json("config.json")));
        tensors.Sum(tensor => Bytes(tensor.Value)).Should().BeCloseTo(size, (ulong)(size < 1 << 20 ? size / 20 : size / 1000));
        if (shards > 1)
        {
            var index = Json("model.safetensors.index.json");
            index.GetProperty("weight_map").EnumerateObject().Select(entry => (entry.Name, entry.Value.GetString()))
                .Should().BeEquivalentTo(tensors.Select(tensor => (tensor.Name, tensor.File)));
            index.GetProperty("metadata").GetProperty("total_size").GetInt64()
                .Should().Be(tensors.Sum(tensor => Bytes(tensor.Value)));
        }
    }

    [Fact]
    public void Every_weight_is_a_small_number()
    {
        SampleModel.Write(_folder.FullName, size: 64 << 10, shards: 1);

        var bytes = File.ReadAllBytes(Path.Combine(_folder.FullName, "model.safetensors"));
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var values = Enumerable.Range(0, (bytes.Length - start) / 2)
            .Select(i => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(start + (2 * i))) << 16))
            .ToArray();

        values.Should().OnlyContain(value => Math.Abs(value) >= 0.0078125f && Math.Abs(value) <= 1);
        values.Distinct().Count().Should().BeGreaterThan(500);
    }

    [Fact]
    public void The_same_arguments_write_the_same_bytes_and_another_seed_others()
    {
        string Digest(string name, ulong seed)
        {
            var folder = _folder.CreateSubdirectory(name);
            SampleModel.Write(folder.FullName, size: 32 << 10, shards: 2, seed);
            return string.Concat(folder.GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullName)))));
        }

        var first = Digest("a", 1);
        Digest("b", 1).Should().Be(first);
        Digest("c", 2).Should().NotBe(first);
    }

    [Fact]
    public void Its_tokenizer_has_an_entry_for_every_byte_and_merge()
    {
        SampleModel.Write(_folder.FullName, size: 32 << 10);

        var model = Json("tokenizer.json").GetProperty("model");
        var vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        var merges = model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!.Split(' ')).ToArray();

        vocabulary.Values.Order().Should().Equal(Enumerable.Range(0, Json("config.json").GetProperty("vocab_size").GetInt32()));
        vocabulary.Keys.Count(symbol => symbol.Length == 1).Should().Be(256);
        merges.Should().NotBeEmpty().And.OnlyContain(merge => merge.Length == 2);
        vocabulary.Keys.Should().Contain(merges.SelectMany(merge => new[] { merge[0], merge[1], merge[0] + merge[1] }));
        vocabulary.Should().ContainKeys("<s>", "</s>", "Ġthe", "Ġstevedore");
    }

    [Theory]
    [InlineData(1 << 10, 1, "*room*16384*")]
    [InlineData(64 << 10, 0, "*0 files*")]
    [InlineData(64 << 10, 1000, "*1000 files*")]
    public void What_no_model_can_be_is_refused_with_what_can(long size, int shards, string message) =>
        FluentActions.Invoking(() => SampleModel.Write(_folder.FullName, size, shards)).Should().Throw<ArgumentException>().WithMessage(message);

    private static IEnumerable<(string Name, string Shape)> ExpectedTensors(JsonElement config)
    {
        var hidden = config.GetProperty("hidden_size").GetInt32();
        var intermediate = config.GetProperty("intermediate_size").GetInt32();
        var vocabulary = config.GetProperty("vocab_size").GetInt32();
        var attention = config.GetProperty("num_attention_heads").GetInt32() * config.GetProperty("head_dim").GetInt32();
        attention.Should().Be(hidden);
        yield return ("model.embed_tokens.weight", $"{vocabulary}x{hidden}");
        yield return ("lm_head.weight", $"{vocabulary}x{hidden}");
        yield return ("model.norm.weight", $"{hidden}");
        for (var layer = 0; layer < config.GetProperty("num_hidden_layers").GetInt32(); layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return ($"{prefix}input_layernorm.weight", $"{hidden}");
            yield return ($"{prefix}post_attention_layernorm.weight", $"{hidden}");
            yield return ($"{prefix}mlp.gate_proj.weight", $"{intermediate}x{hidden}");
            yield return ($"{prefix}mlp.up_proj.weight", $"{intermediate}x{hidden}");
            yield return ($"{prefix}mlp.down_proj.weight", $"{hidden}x{intermediate}");
            foreach (var projection in "qkvo")
                yield return ($"{prefix}self_attn.{projection}_proj.weight", $"{hidden}x{hidden}");
        }
    }

    /// <summary>The tensors of a safetensors file, whose offsets must cover the rest of the file without gap or overlap.</summary>
    private static JsonProperty[] ReadHeader(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        (length % 8).Should().Be(0);
        var header = JsonDocument.Parse(bytes.AsMemory(8, length)).RootElement;
        header.GetProperty("__metadata__").GetProperty("format").GetString().Should().Be("pt");
        var tensors = header.EnumerateObject().Where(entry => entry.Name != "__metadata__").ToArray();
        var end = 0L;
        foreach (var tensor in tensors.Select(entry => entry.Value))
        {
            tensor.GetProperty("dtype").GetString().Should().Be("BF16");
            tensor.GetProperty("data_offsets")[0].GetInt64().Should().Be(end);
            end += 2 * tensor.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, dimension) => product * dimension.GetInt64());
            tensor.GetProperty("data_offsets")[1].GetInt64().Should().Be(end);
        }

        (8 + length + end).Should().Be(bytes.Length);
        return tensors;
    }

    private static long Bytes(JsonElement tensor)
    {
        var offsets = tensor.GetProperty("data_offsets");
        return offsets[1].GetInt64() - offsets[0].GetInt64();
    }

    private JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder.FullName, name))).RootElement;
}
