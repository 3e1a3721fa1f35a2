using System.Runtime.CompilerServices;
using System.Text;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>A question as it goes over the wire.</summary>
/// <param name="Key">What is asked for, of whom: two questions with one key want one answer, however each is signed.</param>
/// <param name="Bytes">Its head; there is no body.</param>
internal sealed record WireQuestion(string Key, byte[] Bytes)
{
    /// <summary>What a message asks for, and of whom.</summary>
    public static string KeyOf(HttpRequestMessage message)
    {
        var address = message.RequestUri!;
        return $"{address.Scheme}://{WebAddress.AuthorityOf(address)}{address.PathAndQuery} {(message.Headers.NonValidated.TryGetValues("Range", out var range) ? range.ToString() : "")}";
    }

    /// <summary>A GET; null where it is something that is not asked here.</summary>
    public static WireQuestion? Of(HttpRequestMessage message)
    {
        if (message.Method != HttpMethod.Get || message.Content is not null || message.RequestUri is not { IsAbsoluteUri: true } address)
            return null;
        var path = address.PathAndQuery;
        if (path.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;

        var text = new DefaultInterpolatedStringHandler(0, 0, null, stackalloc char[512]);
        text.AppendLiteral("GET ");
        text.AppendLiteral(path);
        text.AppendLiteral(" HTTP/1.1\r\nHost: ");
        text.AppendLiteral(message.Headers.Host ?? WebAddress.AuthorityOf(address));
        text.AppendLiteral("\r\n");
        foreach (var (name, values) in message.Headers.NonValidated)
        {
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                continue;
            // Nothing may end its line, and other alphabets are left to who knows how to write them.
            var value = values.ToString();
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                return null;
            text.AppendLiteral(name);
            text.AppendLiteral(": ");
            text.AppendLiteral(value);
            text.AppendLiteral("\r\n");
        }

        text.AppendLiteral("\r\n");
        return new WireQuestion(KeyOf(message), Encoding.ASCII.GetBytes(text.ToStringAndClear()));
    }
}
