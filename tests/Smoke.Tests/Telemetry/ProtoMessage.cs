using System.Buffers.Binary;
using System.Text;

namespace Stevedore.Smoke.Tests.Telemetry;

/// <summary>A protocol buffers message whose schema only the test knows: its fields by number, each as the bytes that it came with.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtoMessage(ReadOnlyMemory<byte> text)
    {
        for (var at = 0; at < text.Length;)
        {
            var key = (int)Varint(text.Span, ref at);
            var start = at;
            switch (key & 7)
            {
                case 0:
                    _ = Varint(text.Span, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(text.Span, ref at);
                    start = at;
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"There is no wire type {key & 7}.");
            }

            _fields.Add((key >> 3, text[start..at]));
        }
    }

    /// <summary>All messages under a path of field numbers.</summary>
    public IEnumerable<ProtoMessage> All(params int[] path) =>
        path.Aggregate(Enumerable.Repeat(this, 1), (messages, number) => messages.SelectMany(message => message.Of(number)).ToList());

    public string Text(int number) => _fields.Any(field => field.Number == number) ? Encoding.UTF8.GetString(First(number).Span) : "";

    public long Number(int number)
    {
        var at = 0;
        return (long)Varint(First(number).Span, ref at);
    }

    public long Fixed64(int number) => BinaryPrimitives.ReadInt64LittleEndian(First(number).Span);

    public double Double(int number) => BinaryPrimitives.ReadDoubleLittleEndian(First(number).Span);

    public bool Has(int number) => _fields.Any(field => field.Number == number);

    public string Hex(int number) => Has(number) ? Convert.ToHexStringLower(First(number).Span) : "";

    private IEnumerable<ProtoMessage> Of(int number) => _fields.Where(field => field.Number == number).Select(field => new ProtoMessage(field.Bytes));

    private ReadOnlyMemory<byte> First(int number) => _fields.First(field => field.Number == number).Bytes;

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var one = bytes[at++];
            value |= (ulong)(one & 0x7f) << shift;
            if (one < 0x80)
                return value;
        }
    }
}
