using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A directory that says nothing of what is in it: the names that vLLM and transformers look for are tried, and the shards that the index names.</summary>
internal static class WellKnownListing
{
    private const string Index = "model.safetensors.index.json";
    private const int MostShards = 10_000;

    private static readonly string[] Names =
    [
        "config.json", "generation_config.json", "model.safetensors", Index, "pytorch_model.bin",
        "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "vocab.txt", "merges.txt", "chat_template.jinja", "chat_template.json",
        "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json",
        "adapter_config.json", "adapter_model.safetensors", "quantize_config.json", "hf_quant_config.json",
        "params.json", "tekken.json", "consolidated.safetensors",
        "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "1_Pooling/config.json",
    ];

    /// <summary>What is there of all that.</summary>
    /// <exception cref="FetchException">66: nothing is, or the index names a shard that is not; 77: the server forbids it all.</exception>
    public static async Task<ModelManifest> FindAsync(WebPlace place, Patience patience, CancellationToken cancellationToken)
    {
        var probes = await place.ProbeAsync(Names, patience, cancellationToken);
        var files = probes.Where(probe => probe is { Size: not null, IsPage: false }).Select(probe => probe.ToFile()).ToList();
        if (files.Count == 0)
            throw Nothing(place, probes);
        if (files.Any(file => file.Path == Index))
            files.AddRange(await ShardsAsync(place, patience, cancellationToken));
        return Listing.Of([.. files.DistinctBy(file => file.Path).OrderBy(file => file.Path, StringComparer.Ordinal)]);
    }

    private static async Task<IEnumerable<ManifestFile>> ShardsAsync(WebPlace place, Patience patience, CancellationToken cancellationToken)
    {
        var index = await place.ReadAsync(Index, patience, (_, body, stop) => ReadIndexAsync(place, body, stop), cancellationToken);
        var shards = (index?.WeightMap ?? throw BrokenIndex(place, null)).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (shards.Count > MostShards)
            throw BrokenIndex(place, null);
        PathGuard.Check(shards, place.Name + Index);
        var probes = await place.ProbeAsync(shards, patience, cancellationToken);
        if (probes.FirstOrDefault(probe => probe.Size is null) is { } missing)
        {
            throw new FetchException(
                ExitCode.NotFound,
                $"{place.Name} names the shard {missing.Path} in {Index} but does not have it (HTTP {(int)missing.Status}); publish the whole model there.");
        }

        return probes.Select(probe => probe.ToFile());
    }

    private static async Task<ShardIndex?> ReadIndexAsync(WebPlace place, Stream body, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(body, ShardIndexJson.Default.ShardIndex, cancellationToken);
        }
        catch (JsonException broken)
        {
            throw BrokenIndex(place, broken);
        }
    }

    private static FetchException BrokenIndex(WebPlace place, Exception? broken) => new(
        ExitCode.WrongContent, $"{place.Name}{Index} is not an index of safetensors shards; publish the model's own.", broken);

    private static FetchException Nothing(WebPlace place, IReadOnlyList<WebProbe> probes) =>
        probes.Any(probe => probe.Status == HttpStatusCode.Forbidden)
            ? new FetchException(ExitCode.NoPermission, $"{place.Name} is forbidden (HTTP 403); let the server's owner open it.")
            : new FetchException(
                ExitCode.NotFound,
                $"{place.Name} holds no model: there is no {Sha256Sums.FileName}, no list as nginx's \"autoindex_format json\" makes it, and none of "
                + $"{Names.Length} usual files such as {Names[0]} and {Names[2]}; check the address, or put {Sha256Sums.FileName} there.");
}

/// <summary><c>model.safetensors.index.json</c>.</summary>
/// <param name="WeightMap">The shard by tensor.</param>
internal sealed record ShardIndex([property: JsonPropertyName("weight_map")] Dictionary<string, string>? WeightMap);

/// <summary>Reads the index without reflection.</summary>
[JsonSerializable(typeof(ShardIndex))]
internal sealed partial class ShardIndexJson : JsonSerializerContext;
