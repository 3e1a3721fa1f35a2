namespace Stevedore.HubFixture.Models;

/// <summary>The dimensions of a Llama, from which its configuration and its tensors both follow.</summary>
internal sealed record LlamaShape(int Vocabulary, int Hidden, int Layers, int Intermediate)
{
    private const long Smallest = 16 << 10;
    private const int FewestLayers = 4;
    private const int WidestHead = 64;

    private int Heads => Math.Max(1, Hidden / WidestHead);

    /// <summary>The widest model of that many bytes that still has a few layers; the last dimension takes up what is left.</summary>
    public static LlamaShape For(long size, int vocabulary)
    {
        if (size < Smallest)
            throw new ArgumentException($"A model of {size} bytes has no room for its vocabulary; ask for {Smallest} bytes or more.");
        var values = size / Tensor.BytesPerValue;
        var hidden = 8;
        while (hidden < 8192 && LayersThatFit(hidden * 2) >= FewestLayers)
            hidden *= 2;
        var layers = (int)Math.Clamp(LayersThatFit(hidden), 1, 128);
        var attentionAndNorms = layers * ((4L * hidden * hidden) + (2 * hidden));
        var left = values - Embeddings(hidden) - attentionAndNorms;
        return new(vocabulary, hidden, layers, (int)Math.Max(1, Math.Round((double)left / (3L * hidden * layers))));

        // A layer with the customary intermediate size of three times the hidden one.
        long LayersThatFit(int width) => (values - Embeddings(width)) / ((13L * width * width) + (2 * width));

        // The embedding and the output are two matrices here; the last norm goes with them.
        long Embeddings(int width) => (2L * vocabulary * width) + width;
    }

    public IEnumerable<Tensor> Tensors()
    {
        yield return new("model.embed_tokens.weight", [Vocabulary, Hidden]);
        for (var layer = 0; layer < Layers; layer++)
        {
            yield return new($"model.layers.{layer}.input_layernorm.weight", [Hidden]);
            yield return new($"model.layers.{layer}.mlp.down_proj.weight", [Hidden, Intermediate]);
            yield return new($"model.layers.{layer}.mlp.gate_proj.weight", [Intermediate, Hidden]);
            yield return new($"model.layers.{layer}.mlp.up_proj.weight", [Intermediate, Hidden]);
            yield return new($"model.layers.{layer}.post_attention_layernorm.weight", [Hidden]);
            foreach (var projection in new[] { "k_proj", "o_proj", "q_proj", "v_proj" })
                yield return new($"model.layers.{layer}.self_attn.{projection}.weight", [Hidden, Hidden]);
        }

        yield return new("model.norm.weight", [Hidden]);
        yield return new("lm_head.weight", [Vocabulary, Hidden]);
    }

    public object Config() => new
    {
        architectures = new[] { "LlamaForCausalLM" },
        attention_bias = false,
        attention_dropout = 0.0,
        bos_token_id = TinyTokenizer.BeginId,
        eos_token_id = TinyTokenizer.EndId,
        head_dim = Hidden / Heads,
        hidden_act = "silu",
        hidden_size = Hidden,
        initializer_range = 0.02,
        intermediate_size = Intermediate,
        max_position_embeddings = 2048,
        mlp_bias = false,
        model_type = "llama",
        num_attention_heads = Heads,
        num_hidden_layers = Layers,
        num_key_value_heads = Heads,
        pretraining_tp = 1,
        rms_norm_eps = 1e-5,
        rope_theta = 10000.0,
        tie_word_embeddings = false,
        torch_dtype = "bfloat16",
        transformers_version = "4.51.0",
        use_cache = true,
        vocab_size = Vocabulary,
    };

    public static object GenerationConfig() => new
    {
        _from_model_config = true,
        bos_token_id = TinyTokenizer.BeginId,
        eos_token_id = TinyTokenizer.EndId,
        transformers_version = "4.51.0",
    };
}
