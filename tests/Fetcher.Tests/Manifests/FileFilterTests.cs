using Stevedore.Contract.Values;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Tests.Manifests;

public sealed class FileFilterTests
{
    [Fact]
    public void Takes_everything_that_serves_the_model_by_default()
    {
        string[] files =
        [
            "README.md", "LICENSE", "config.json", "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
            "model.safetensors.index.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.txt", "merges.txt", "modeling_x.py",
            "chat_template.jinja", "1_Pooling/config.json", "params.json", "tekken.json",
        ];

        Default(files).Should().Equal(files);
    }

    [Theory]
    [InlineData("original/consolidated.00.pth")]
    [InlineData("original/deep/params.json")]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model-00001-of-00002.bin")]
    [InlineData("pytorch_model.bin.index.json")]
    [InlineData("training_args.bin")]
    [InlineData("adapter_model.bin")]
    [InlineData("consolidated.00.pth")]
    [InlineData("optimizer.pt")]
    [InlineData("rng_state_0.pth")]
    [InlineData("consolidated.safetensors")]
    [InlineData("consolidated-00001-of-00002.safetensors")]
    [InlineData("consolidated.safetensors.index.json")]
    [InlineData("model.onnx")]
    [InlineData("onnx/model_quantized.onnx")]
    [InlineData("onnx/model.onnx_data")]
    [InlineData("openvino/openvino_model.bin")]
    [InlineData("openvino/openvino_model.xml")]
    [InlineData("tf_model.h5")]
    [InlineData("flax_model.msgpack")]
    [InlineData("rust_model.ot")]
    [InlineData("model.tflite")]
    [InlineData("coreml/float32.mlpackage/Data/weights.bin")]
    [InlineData("Qwen3-8B-Q4_K_M.gguf")]
    [InlineData(".gitattributes")]
    public void Leaves_out_by_default_what_vLLM_never_reads_beside_safetensors(string path) =>
        Default("model.safetensors", path, "config.json").Should().Equal("model.safetensors", "config.json");

    [Theory]
    [InlineData("tokenizer.bin")]
    [InlineData("my_tokenizer_v2.bin")]
    [InlineData("vocab.bin")]
    [InlineData("sparse_linear.pt")]
    [InlineData("colbert_linear.pt")]
    [InlineData("2_Dense/pytorch_model.bin")]
    [InlineData("not-original/original/x.json")]
    [InlineData("originals.json")]
    public void Keeps_what_only_looks_like_a_duplicate(string path) =>
        Default("model.safetensors", path).Should().Equal("model.safetensors", path);

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("consolidated.00.pth")]
    [InlineData("model.pt")]
    [InlineData("consolidated.safetensors")]
    public void Keeps_weights_that_have_no_twin(string path) => Default("config.json", path).Should().Equal("config.json", path);

    [Fact]
    public void Keeps_consolidated_weights_beside_an_adapter_only() =>
        Default("consolidated.safetensors", "adapter_model.safetensors").Should().HaveCount(2);

    [Fact]
    public void An_include_replaces_the_default_selection()
    {
        string[] files = ["config.json", "model.safetensors", "pytorch_model.bin", "a-Q4.gguf", "original/a-Q8.gguf", ".gitattributes"];

        Selected(["*.gguf"], [], files).Should().Equal("a-Q4.gguf", "original/a-Q8.gguf");
        Selected(["*"], [], files).Should().Equal(files);
        Selected(["original/"], [], files).Should().Equal("original/a-Q8.gguf");
        Selected(["*.gguf", "config.json"], [], files).Should().Equal("config.json", "a-Q4.gguf", "original/a-Q8.gguf");
    }

    [Fact]
    public void An_exclude_wins_over_an_include_and_adds_to_the_defaults()
    {
        string[] files = ["config.json", "model.safetensors", "pytorch_model.bin", "a-Q4.gguf", "a-Q8.gguf"];

        Selected(["*.gguf"], ["*Q8*"], files).Should().Equal("a-Q4.gguf");
        Selected([], ["*.json"], files).Should().Equal("model.safetensors");
        Selected([], ["*"], files).Should().BeEmpty();
    }

    [Fact]
    public void An_include_that_matches_nothing_selects_nothing_and_can_say_what_it_was()
    {
        var filter = Filter(["*.gguf", "b\n"], ["c"]);

        filter.Select(["model.safetensors"]).Should().BeEmpty();
        filter.Describe().Should().Be("--include \"*.gguf\", \"b\\u000a\" with --exclude \"c\"");
        Filter([], ["c"]).Describe().Should().Be("the default selection with --exclude \"c\"");
        FileFilter.Default.Describe().Should().Be("the default selection");
    }

    [Fact]
    public void Selects_files_and_paths_alike_and_keeps_their_order()
    {
        ManifestFile[] files = [new("z.json", 1, null), new("a.gguf", 2, null), new("b.json", 3, null)];

        FileFilter.Default.Select(files).Should().Equal(files[0], files[2]);
        FileFilter.Default.Select([.. files.Select(file => file.Path)]).Should().Equal("z.json", "b.json");
    }

    [Fact]
    public void The_key_tells_what_is_selected_not_how_it_was_written()
    {
        FileFilter.Default.Key.Should().Be("default");
        Filter(["a", "b"], ["c"]).Key.Should().MatchRegex("^[0-9a-f]{16}$").And.Be(Filter(["b", "a", "b"], ["c", "c"]).Key);
        Filter(["original/"], []).Key.Should().Be(Filter(["original/*"], []).Key).And.Be(Filter(["original/**"], []).Key);

        string[] keys =
        [
            Filter(["a"], []).Key, Filter([], ["a"]).Key, Filter(["a", "b"], []).Key, Filter(["a"], ["b"]).Key, Filter(["b"], ["a"]).Key,
            Filter(["A"], []).Key, Filter(["*"], []).Key, Filter(["a\ninclude 1 b"], []).Key, Filter(["[**]"], []).Key, Filter(["[*]"], []).Key, "default",
        ];
        keys.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_key_stays_what_it_was_since_it_names_records_on_disk() =>
        Filter(["*.safetensors", "*.json"], ["original/"]).Key.Should().Be("dcdefb0eecdf530e");

    [Fact]
    public void Says_so_where_the_default_selection_leaves_no_weights()
    {
        FileFilter.Default.Doubt(["README.md", "config.json", "a-Q4_K_M.gguf", "a-Q8_0.gguf"]).Should()
            .Contain(".gguf").And.Contain("--include \"*Q4_K_M.gguf\"").And.EndWith(".");
        FileFilter.Default.Doubt(["config.json", "onnx/model.onnx"]).Should().Contain(".onnx");

        FileFilter.Default.Doubt(["config.json", "model.safetensors", "a.gguf"]).Should().BeNull();
        FileFilter.Default.Doubt(["config.json", "pytorch_model.bin"]).Should().BeNull();
        FileFilter.Default.Doubt(["tokenizer.json"]).Should().BeNull("a tokenizer alone is nothing that was left out");
        Filter(["*.json"], []).Doubt(["config.json", "a.gguf"]).Should().BeNull("it was asked for");
    }

    private static FileFilter Filter(string[] include, string[] exclude) => new([.. include.Select(g => new Glob(g))], [.. exclude.Select(g => new Glob(g))]);

    private static IReadOnlyList<string> Selected(string[] include, string[] exclude, string[] files) => Filter(include, exclude).Select(files);

    private static IReadOnlyList<string> Default(params string[] files) => FileFilter.Default.Select(files);
}
