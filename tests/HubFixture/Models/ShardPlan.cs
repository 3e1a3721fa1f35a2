namespace Stevedore.HubFixture.Models;

/// <summary>Which tensor goes into which file.</summary>
internal sealed record ShardPlan(IReadOnlyList<ShardPlan.Shard> Shards)
{
    internal sealed record Shard(string FileName, IReadOnlyList<Tensor> Tensors);

    /// <summary>Keeps the order of the tensors and makes the files about equally large; each gets at least one tensor.</summary>
    public static ShardPlan For(IEnumerable<Tensor> all, int count)
    {
        var tensors = all.ToArray();
        if (count < 1 || count > tensors.Length)
            throw new ArgumentException($"{tensors.Length} tensors can't be spread over {count} files; ask for 1 to {tensors.Length}.");
        var total = tensors.Sum(tensor => tensor.Bytes);
        var shards = new List<Shard>();
        var next = 0;
        var placed = 0L;
        for (var number = 1; number <= count; number++)
        {
            var mine = new List<Tensor>();
            var leaveForOthers = count - number;
            var share = (long)((double)total * number / count);
            do
            {
                mine.Add(tensors[next]);
                placed += tensors[next++].Bytes;
            }
            while (next < tensors.Length - leaveForOthers && (number == count || placed + (tensors[next].Bytes / 2) <= share));

            shards.Add(new(count == 1 ? "model.safetensors" : $"model-{number:D5}-of-{count:D5}.safetensors", mine));
        }

        return new(shards);
    }

    public object Index() => new
    {
        metadata = new { total_size = Shards.SelectMany(shard => shard.Tensors).Sum(tensor => tensor.Bytes) },
        weight_map = Shards
            .SelectMany(shard => shard.Tensors.Select(tensor => (tensor.Name, shard.FileName)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .ToDictionary(),
    };
}
