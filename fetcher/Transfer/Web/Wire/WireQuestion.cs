using System.Text;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>A question as it goes over the wire.</summary>
/// <param name="Key">What is asked for, of whom: two questions with one key want one answer, however each is signed.</param>
/// <param name="Bytes">Its head; there is no body.</param>
internal sealed record WireQuestion(string Key, byte[] Bytes)
{
    /// <summary>A GET; null where it is something that is not asked here.</summary>
    public static WireQuestion? Of(HttpRequestMessage message)
    {
        if (message.Method != HttpMethod.Get || message.Content is not null || message.RequestUri is not { IsAbsoluteUri: true } address)
            return null;
        var path = address.PathAndQuery;
        if (path.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;

        var text = new StringBuilder(512);
        text.Append("GET ").Append(path).Append(" HTTP/1.1\r\nHost: ").Append(message.Headers.Host ?? WebAddress.AuthorityOf(address)).Append("\r\n");
        foreach (var (name, values) in message.Headers.NonValidated)
        {
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                continue;
            // Nothing may end its line, and other alphabets are left to who knows how to write them.
            var value = values.ToString();
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                return null;
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        var range = message.Headers.NonValidated.TryGetValues("Range", out var bytes) ? bytes.ToString() : "";
        return new WireQuestion($"{address.Scheme}://{WebAddress.AuthorityOf(address)}{path} {range}", Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()));
    }
}
