namespace Stevedore.HubFixture.Content;

/// <summary>git's own guess: what has no NUL among its first 8000 bytes is text.</summary>
internal static class TextContent
{
    private const int Look = 8000;

    public static bool Is(IContent content)
    {
        var head = new byte[Math.Min(Look, content.Length)];
        using var reader = content.Open();
        reader.Read(0, head);
        return !head.Contains((byte)0);
    }
}
