using System.Text;
using System.Text.RegularExpressions;

namespace Stevedore.HubFixture.Models;

/// <summary>A byte-level BPE tokenizer as GPT-2's, trained on a paragraph: it encodes any text, and common words in few tokens.</summary>
internal sealed partial class TinyTokenizer
{
    public const int BeginId = 0;
    public const int EndId = 1;
    private const string Begin = "<s>";
    private const string End = "</s>";

    private const string Corpus = """
        The stevedore loads the ship before the tide. A stevedore who knows the ship loads the heavy crates first, then the light ones,
        and leaves nothing on the quay. The model is the cargo: the weights are heavy, the tokens are light, and the ship is the pod
        that waits at the quay. When the cargo is aboard and every crate is counted, the ship may leave the harbour. If a crate is
        broken, the stevedore sends it back and asks for another one; if the crane stops, the loading goes on where it stopped. There is
        one crane for each quay, and the other ships wait until the crane is free. What is the weight of the cargo? How many crates are
        there? The answer is in the manifest, and the manifest is true.
        """;

    private readonly List<(string Left, string Right)> _merges = [];
    private readonly List<string> _vocabulary = [Begin, End];

    public int VocabularySize => _vocabulary.Count;

    /// <summary>Merges the commonest pair of neighbours until no pair occurs twice.</summary>
    public static TinyTokenizer Train()
    {
        var tokenizer = new TinyTokenizer();
        tokenizer._vocabulary.AddRange(Enumerable.Range(0, 256).Select(value => ByteSymbol((byte)value)).Order(StringComparer.Ordinal));
        var words = Words().Matches(Corpus.ReplaceLineEndings(" "))
            .GroupBy(word => word.Value)
            .Select(same => (Symbols: Encoding.UTF8.GetBytes(same.Key).Select(ByteSymbol).ToList(), Count: same.Count()))
            .ToArray();
        while (CommonestPair(words) is var (left, right))
        {
            tokenizer._merges.Add((left, right));
            tokenizer._vocabulary.Add(left + right);
            foreach (var (symbols, _) in words)
                Merge(symbols, left, right);
        }

        return tokenizer;
    }

    /// <summary>The format of the tokenizers library.</summary>
    public object Json() => new
    {
        version = "1.0",
        truncation = (object?)null,
        padding = (object?)null,
        added_tokens = new[] { AddedToken(BeginId, Begin), AddedToken(EndId, End) },
        normalizer = (object?)null,
        pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
        post_processor = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = false, use_regex = true },
        decoder = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true, use_regex = true },
        model = new
        {
            type = "BPE",
            dropout = (object?)null,
            unk_token = (object?)null,
            continuing_subword_prefix = (object?)null,
            end_of_word_suffix = (object?)null,
            fuse_unk = false,
            byte_fallback = false,
            vocab = _vocabulary.Index().ToDictionary(entry => entry.Item, entry => entry.Index),
            merges = _merges.Select(merge => $"{merge.Left} {merge.Right}").ToArray(),
        },
    };

    public static object Config() => new
    {
        add_bos_token = false,
        add_prefix_space = false,
        bos_token = Begin,
        clean_up_tokenization_spaces = false,
        eos_token = End,
        model_max_length = 2048,
        tokenizer_class = "PreTrainedTokenizerFast",
    };

    public static object SpecialTokens() => new { bos_token = Begin, eos_token = End };

    private static object AddedToken(int id, string content) =>
        new { id, content, single_word = false, lstrip = false, rstrip = false, normalized = false, special = true };

    private static (string Left, string Right)? CommonestPair((List<string> Symbols, int Count)[] words) => words
        .SelectMany(word => word.Symbols.Zip(word.Symbols.Skip(1), (left, right) => (Pair: (left, right), word.Count)))
        .GroupBy(found => found.Pair, (pair, found) => (Pair: pair, Count: found.Sum(one => one.Count)))
        .Where(candidate => candidate.Count > 1)
        .OrderByDescending(candidate => candidate.Count)
        .ThenBy(candidate => $"{candidate.Pair.left} {candidate.Pair.right}", StringComparer.Ordinal)
        .Select(candidate => ((string, string)?)candidate.Pair)
        .FirstOrDefault();

    private static void Merge(List<string> symbols, string left, string right)
    {
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] != left || symbols[i + 1] != right)
                continue;
            symbols[i] = left + right;
            symbols.RemoveAt(i + 1);
        }
    }

    /// <summary>GPT-2's alphabet: printable bytes stand for themselves, the others are moved past 255 in their order.</summary>
    private static string ByteSymbol(byte value)
    {
        if (IsPrintable(value))
            return ((char)value).ToString();
        var rank = Enumerable.Range(0, value).Count(smaller => !IsPrintable((byte)smaller));
        return ((char)(256 + rank)).ToString();
    }

    private static bool IsPrintable(byte value) => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;

    [GeneratedRegex(@"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
