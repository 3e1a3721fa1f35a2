using System.Globalization;

namespace Stevedore.HubFixture.Wire;

/// <summary>A part of a content, as RFC 9110 section 14 reads a <c>Range</c> header.</summary>
internal readonly record struct RequestedRange(long Start, long Count)
{
    /// <summary>
    /// Null: the header is absent, is no single byte range, or is malformed, and so is ignored. A count of 0: it can't be satisfied.
    /// </summary>
    public static RequestedRange? Parse(string? header, long length)
    {
        const string Unit = "bytes=";
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
            return null;
        var bounds = header[Unit.Length..].Trim().Split('-');
        if (bounds.Length != 2 || !TryBound(bounds[0], out var first) || !TryBound(bounds[1], out var last))
            return null;
        if (first is null && last is null)
            return null;
        if (first is null)
            return new(Math.Max(0, length - last!.Value), Math.Min(last.Value, length));
        if (last < first)
            return null;
        return first >= length ? new(0, 0) : new(first.Value, Math.Min(last ?? length - 1, length - 1) - first.Value + 1);
    }

    private static bool TryBound(string text, out long? bound)
    {
        bound = null;
        if (text.Length == 0)
            return true;
        var valid = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        bound = value;
        return valid;
    }
}
