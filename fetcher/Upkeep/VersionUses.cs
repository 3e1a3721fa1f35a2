using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>Who needs which versions.</summary>
/// <param name="Marks">What pods have marked.</param>
/// <param name="Intents">What living fetchers rely on.</param>
/// <param name="IsBlind">Whether a living fetcher's intent can't be read, so that it may rely on anything.</param>
internal sealed record VersionUses(IReadOnlyList<PodMark> Marks, IReadOnlyList<IntendedVersion> Intents, bool IsBlind = false)
{
    /// <summary>Who needs a version, in a few words; null where nobody does.</summary>
    public string? WhoNeeds(RecordedVersion version, bool ignoreMarks)
    {
        if (IsBlind)
            return "in use by a fetcher whose intent can't be read";
        if (Intents.Any(intent => intent.Folder == version.Folder && intent.Version == version.Version))
            return "being fetched";
        return !ignoreMarks && MarksOf(version) is { Count: > 0 } marks ? $"marked by {string.Join(", ", marks)}" : null;
    }

    /// <summary>The pods that have marked a version.</summary>
    public IReadOnlyList<string> MarksOf(RecordedVersion version) =>
        [.. Marks.Where(mark => mark.Versions.Any(marked => marked.Folder == version.Folder && marked.Version == version.Version)).Select(mark => mark.Id).Distinct()];
}
