using Stevedore.Contract.Values;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>What may go. What a pod has marked, or a fetcher relies on, stays whatever these say.</summary>
/// <param name="Keep">The last used complete versions of each model stay, so many; null for no such rule.</param>
/// <param name="UnusedFor">Versions that nobody used for so long go; with <paramref name="Keep"/>, only those beyond the kept.</param>
/// <param name="MaxBytes">Least recently used versions go until the whole cache is no larger, those of <paramref name="Keep"/> too.</param>
/// <param name="IgnoreMarks">Whether marked versions count as unmarked.</param>
internal sealed record PruneCriteria(int? Keep, TimeSpan? UnusedFor, ByteSize? MaxBytes, bool IgnoreMarks);
