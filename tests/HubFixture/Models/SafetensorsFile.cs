using System.Buffers.Binary;
using System.Text.Json;

namespace Stevedore.HubFixture.Models;

/// <summary>
/// The safetensors format: the header's length as eight little-endian bytes, the header as JSON padded with spaces, and the tensors one
/// after the other.
/// </summary>
internal static class SafetensorsFile
{
    private const int Alignment = 8;
    private const int BufferSize = 1 << 20;

    public static void Write(string path, IReadOnlyList<Tensor> tensors, ulong seed)
    {
        var header = Header(tensors);
        var total = sizeof(long) + header.Length + tensors.Sum(tensor => tensor.Bytes);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, preallocationSize: total);
        var length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        RandomAccess.Write(file, length, 0);
        RandomAccess.Write(file, header, sizeof(long));

        var offset = (long)sizeof(long) + header.Length;
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        foreach (var tensor in tensors)
        {
            var weights = new Weights(tensor, seed);
            for (var left = tensor.Bytes; left > 0;)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, left));
                weights.Fill(piece);
                RandomAccess.Write(file, piece, offset);
                offset += piece.Length;
                left -= piece.Length;
            }
        }
    }

    private static byte[] Header(IReadOnlyList<Tensor> tensors)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            writer.WriteEndObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", "BF16");
                writer.WriteStartArray("shape");
                foreach (var dimension in tensor.Shape)
                    writer.WriteNumberValue(dimension);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.Bytes);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        while (json.Length % Alignment != 0)
            json.WriteByte((byte)' ');
        return json.ToArray();
    }
}
