namespace Stevedore.Fetcher.Reporting;

/// <summary>A look at a run's counters, with the speed since the last one.</summary>
/// <param name="Present">Bytes on disk.</param>
/// <param name="Wanted">Bytes that the run needs.</param>
/// <param name="Verified">Bytes that were hashed.</param>
/// <param name="Received">Bytes that came over the wire.</param>
/// <param name="Files">Published files.</param>
/// <param name="FilesWanted">Files that the run needs.</param>
/// <param name="Retries">Tries that failed.</param>
/// <param name="BytesPerSecond">Smoothed.</param>
/// <param name="WaitingFor">Whom the run waits for.</param>
internal sealed record ProgressLine(
    long Present, long Wanted, long Verified, long Received, int Files, int FilesWanted, int Retries, double BytesPerSecond, string? WaitingFor)
{
    private const double Mebi = 1 << 20;

    /// <summary>How much is there, from 0 to 1.</summary>
    public double Fraction => Wanted == 0 ? 0 : Math.Clamp((double)Present / Wanted, 0, 1);

    /// <summary>The line for people.</summary>
    public string Text
    {
        get
        {
            if (WaitingFor is not null)
                return $"waiting for {WaitingFor}";
            if (Wanted == 0)
                return "asking the source";
            var left = Wanted - Present;
            var eta = BytesPerSecond > 1 && left > 0 ? $", {TimeSpan.FromSeconds(Math.Min(left / BytesPerSecond, 359_999)):h\\:mm\\:ss} left" : "";
            return $"{Fraction:P0} {Present / Mebi:0.0} of {Wanted / Mebi:0.0} MiB, {Files} of {FilesWanted} files, {BytesPerSecond / Mebi:0.0} MiB/s{eta}";
        }
    }
}
