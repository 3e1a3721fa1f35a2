namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>One place where a model may be fetched from.</summary>
/// <param name="Name">For sentences: the mirror's address, or the reference itself for the original.</param>
/// <param name="IsOriginal">Whether this is the original.</param>
/// <param name="Source">Asks there.</param>
internal sealed record MirrorPlace(string Name, bool IsOriginal, IModelSource Source);
