namespace Stevedore.HubFixture.Models;

/// <summary>A tensor of bfloat16 values.</summary>
/// <param name="Name">As the Llama implementation in transformers calls it.</param>
/// <param name="Shape">Its dimensions; one dimension is a norm's weights, which are all 1.</param>
internal sealed record Tensor(string Name, int[] Shape)
{
    public const int BytesPerValue = 2;

    public long Bytes => Shape.Aggregate((long)BytesPerValue, (product, dimension) => product * dimension);

    public bool IsNorm => Shape.Length == 1;
}
