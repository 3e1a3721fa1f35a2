namespace Stevedore.Demo.Show;

/// <summary>Numbers of bytes for people.</summary>
internal static class Bytes
{
    private const double Mebi = 1 << 20;

    /// <summary><c>64.1 MiB</c>, <c>3.2 KiB</c>, <c>17 B</c>; nothing for what was not measured.</summary>
    public static string Text(long? bytes) => bytes switch
    {
        null => "",
        >= 1 << 20 or <= -(1 << 20) => $"{bytes / Mebi:0.0} MiB",
        >= 1 << 10 or <= -(1 << 10) => $"{bytes / 1024d:0.0} KiB",
        _ => $"{bytes} B",
    };
}
