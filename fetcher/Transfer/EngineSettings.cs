using Stevedore.Contract.CommandLine;
using Stevedore.Fetcher.Transfer.Pace;

namespace Stevedore.Fetcher.Transfer;

/// <summary>What the command line and the container say about transfers.</summary>
/// <param name="Connections">Threads, and so connections, at once; at most.</param>
/// <param name="Wait">How long to wait for other fetchers; null for ever.</param>
/// <param name="LeaseTtl">After what silence another fetcher counts as dead; null chooses by the kind of filesystem.</param>
internal sealed record EngineSettings(int Connections, TimeSpan? Wait, TimeSpan? LeaseTtl)
{
    /// <summary>
    /// What a connection takes of a container's memory: a block's buffer and TLS's own, and up to 6 MiB that the kernel keeps for a socket that is read more slowly
    /// than it is sent (tcp_rmem), which counts too.
    /// </summary>
    private const long BytesAConnection = 8L * BlockMap.BlockSize;

    /// <summary>Fewer would make a request of every other block.</summary>
    private const int FewestBlocksAClaim = 4;

    /// <summary>Processors' worth of time that the run may use.</summary>
    public double Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Blocks of the longest request. What several streams of one file bring out of order is read back before it is hashed, and has to stay in the page cache until
    /// then, which counts towards a container's memory.
    /// </summary>
    public int MostBlocksAClaim { get; init; } = ClaimBook.MostBlocks;

    /// <summary>Half of the memory may go to connections, and half of the rest to what is read back; <c>--memory</c> goes before the container's limit.</summary>
    public static EngineSettings From(FetchCommand command, ContainerLimits limits)
    {
        var memory = command.Memory?.Bytes ?? limits.Memory;
        var connections = memory is { } bytes ? (int)Math.Clamp(bytes / 2 / BytesAConnection, 1, command.Connections) : command.Connections;
        return new(connections, command.Wait, command.LeaseTtl)
        {
            Cores = limits.Cores,
            MostBlocksAClaim = memory is { } room
                ? (int)Math.Clamp(room / 4 / connections / BlockMap.BlockSize, FewestBlocksAClaim, ClaimBook.MostBlocks)
                : ClaimBook.MostBlocks,
        };
    }
}
