using System.Globalization;
using System.Net;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>
/// What <c>NO_PROXY</c> says: names, each with all that lies below it, whether a dot stands before it or not; addresses; networks such as
/// <c>10.0.0.0/8</c>, which cover addresses and not the names that lead to them; each perhaps with a port; <c>*</c> for everything. What is on this
/// very machine is never asked for elsewhere.
/// </summary>
internal sealed class NoProxyList
{
    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n'];

    private readonly IReadOnlyList<Entry> _entries;

    private NoProxyList(IReadOnlyList<Entry> entries) => _entries = entries;

    /// <summary>Reads the list. What nobody can make sense of covers nothing, as with every other program that reads it.</summary>
    public static NoProxyList Parse(string? text) =>
        new([.. (text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(Entry.Parse).OfType<Entry>()]);

    /// <summary>Whether to ask an address directly.</summary>
    public bool Covers(Uri address)
    {
        var host = address.IdnHost.Trim('[', ']').TrimEnd('.');
        var ip = IPAddress.TryParse(host, out var parsed) ? Plain(parsed) : null;
        if (address.IsLoopback || (ip is not null && IPAddress.IsLoopback(ip)))
            return true;
        return _entries.Any(entry => entry.Covers(host, ip, address.Port));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>One word of the list.</summary>
    /// <param name="Name">Without dots around it; empty for everything; null for a network.</param>
    /// <param name="Network">An address that lies in it; null for a name.</param>
    /// <param name="Bits">How many of its leading bits count.</param>
    /// <param name="Port">The only one that is meant; null for all.</param>
    private sealed record Entry(string? Name, IPAddress? Network, int Bits, int? Port)
    {
        public static Entry? Parse(string text)
        {
            if (text == "*")
                return new Entry("", null, 0, null);
            int? port = null;
            // Several colons without brackets are an address of IPv6, which has no port.
            var colon = text.IndexOf(':', text.LastIndexOf(']') + 1);
            if (colon > 0 && colon == text.LastIndexOf(':'))
            {
                if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    return null;
                (text, port) = (text[..colon], number);
            }

            if (AsNetwork(text.Trim('[', ']'), port) is { } network)
                return network;

            var name = (text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text).Trim('.');
            return name.Length > 0 ? new Entry(name, null, 0, port) : null;
        }

        public bool Covers(string host, IPAddress? ip, int port)
        {
            if (Port is { } only && only != port)
                return false;
            if (Network is not null)
                return ip is not null && Contains(ip);
            return Name!.Length == 0
                || host.Equals(Name, StringComparison.OrdinalIgnoreCase)
                || (ip is null && host.Length > Name.Length && host[^(Name.Length + 1)] == '.' && host.EndsWith(Name, StringComparison.OrdinalIgnoreCase));
        }

        private static Entry? AsNetwork(string text, int? port)
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var written))
                return null;
            var address = Plain(written);
            var longest = address.GetAddressBytes().Length * 8;
            if (slash < 0)
                return new Entry(null, address, longest, port);
            return int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= longest
                ? new Entry(null, address, bits, port)
                : null;
        }

        private bool Contains(IPAddress ip)
        {
            var (inside, asked) = (Network!.GetAddressBytes(), ip.GetAddressBytes());
            if (inside.Length != asked.Length)
                return false;
            var whole = Bits / 8;
            var rest = Bits % 8;
            return inside.AsSpan(0, whole).SequenceEqual(asked.AsSpan(0, whole))
                && (rest == 0 || (inside[whole] ^ asked[whole]) >> (8 - rest) == 0);
        }
    }
}
