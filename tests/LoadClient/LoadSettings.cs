namespace Stevedore.LoadClient;

/// <summary>One run, bounded in time and count.</summary>
/// <param name="Url">The door; on this machine, always.</param>
/// <param name="Authority">PEM file of the authorities to trust, reread for each connection.</param>
/// <param name="Rate">Reviews a second, whatever the server does.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Connections">How many kept-alive connections share the work.</param>
/// <param name="Reviews">Recorded reviews, taken in turn.</param>
internal sealed record LoadSettings(Uri Url, string Authority, int Rate, int Seconds, int Connections, IReadOnlyList<string> Reviews)
{
    /// <summary>After how many reviews a connection is given up and made anew; as a rule never.</summary>
    public int ReviewsAConnection { get; init; } = int.MaxValue;

    public const int MostRate = 50_000;
    public const int MostSeconds = 300;
    public const int MostConnections = 256;

    /// <summary>How many reviews are sent in all; a run of the largest numbers stays below 15 million.</summary>
    public int Total => Rate * Seconds;
}
