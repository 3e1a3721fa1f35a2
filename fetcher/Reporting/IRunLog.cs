namespace Stevedore.Fetcher.Reporting;

/// <summary>Where a run speaks to the person who started it; everything goes to stderr, never through a progress bar.</summary>
internal interface IRunLog
{
    /// <summary>Something worth knowing that is not wrong.</summary>
    void Info(string sentence);

    /// <summary>Something that a person may want to change although the run goes on.</summary>
    void Warn(string sentence);
}
