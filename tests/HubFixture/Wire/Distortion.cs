using System.Collections.Immutable;

namespace Stevedore.HubFixture.Wire;

/// <summary>
/// Everything that the faults which struck a request do to its answer. Counts and offsets of bytes are of this answer's body, unless said
/// otherwise.
/// </summary>
internal sealed record Distortion
{
    public static Distortion None { get; } = new();

    /// <summary>Answered instead of what was asked for.</summary>
    public ShortAnswer? Instead { get; init; }

    public bool ResetBeforeHeaders { get; init; }

    /// <summary>The connection ends after so many bytes.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Whether it ends with a reset rather than as if all had been said.</summary>
    public bool CutIsReset { get; init; }

    public long? StallAfter { get; init; }

    /// <summary>Entered when the stall is reached; ends when it is over.</summary>
    public Func<CancellationToken, Task>? Stall { get; init; }

    /// <summary>Offsets in the whole content of bytes that arrive with one bit turned.</summary>
    public ImmutableList<long> Flipped { get; init; } = [];

    /// <summary>Combined with every byte of the content: another file of the same length.</summary>
    public byte Mask { get; init; }

    /// <summary>Makes another validator of the true one.</summary>
    public string? ETagSuffix { get; init; }

    public bool IgnorePreconditions { get; init; }

    public bool IgnoreRange { get; init; }

    /// <summary>Added to the total in <c>Content-Range</c>.</summary>
    public long TotalShift { get; init; }

    /// <summary>Added to the start and end in <c>Content-Range</c>; the bytes stay those that were asked for.</summary>
    public long StartShift { get; init; }

    public bool GzipAnyway { get; init; }

    public long? BytesPerSecond { get; init; }

    /// <summary>Refuses from now on every signed address that was given out before.</summary>
    public bool ExpireUrls { get; init; }
}
