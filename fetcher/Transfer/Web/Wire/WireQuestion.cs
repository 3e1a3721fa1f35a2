using System.Text;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>A question as it goes over the wire.</summary>
internal static class WireQuestion
{
    /// <summary>The bytes of a GET; null where it is something that is not asked here.</summary>
    public static byte[]? Of(HttpRequestMessage message)
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

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }
}
