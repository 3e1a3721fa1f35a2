using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Stevedore.HubFixture.Models;

/// <summary>
/// Plausible values for a tensor: ones for a norm, else small numbers of either sign, the same for the same tensor and seed.
/// </summary>
internal sealed class Weights
{
    // bfloat16: a sign, eight bits of exponent, seven of mantissa. Kept random are the sign, the two low bits of the exponent and the
    // mantissa; the rest of the exponent is fixed, so that every value lies between 2^-7 and 2^-3 and none is infinite or no number.
    private const ulong Random = 0x81FF_81FF_81FF_81FF;
    private const ulong Fixed = 0x3C00_3C00_3C00_3C00;
    private const ulong Ones = 0x3F80_3F80_3F80_3F80;

    private readonly bool _ones;
    private ulong _state;

    public Weights(Tensor tensor, ulong seed)
    {
        _ones = tensor.IsNorm;
        _state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {tensor.Name}")));
    }

    /// <summary>Continues where the last call stopped, provided that its length was a multiple of eight.</summary>
    public void Fill(Span<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        if (_ones)
            words.Fill(Ones);
        else
            FillRandom(words);
        var rest = bytes[(words.Length * sizeof(ulong))..];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = (byte)((_ones ? Ones : Fixed) >> (8 * i));
    }

    private void FillRandom(Span<ulong> words)
    {
        // Marsaglia's xorshift64*: two gigabytes take about a second.
        var state = _state;
        foreach (ref var word in words)
        {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            word = ((state * 0x2545_F491_4F6C_DD1D) & Random) | Fixed;
        }

        _state = state;
    }
}
