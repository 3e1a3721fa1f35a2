namespace Stevedore.Fetcher.Manifests;

/// <summary>Refuses paths that would leave the folder they are meant for.</summary>
internal static class PathGuard
{
}
