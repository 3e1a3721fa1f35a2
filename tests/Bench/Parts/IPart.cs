namespace Stevedore.Bench.Parts;

/// <summary>Something that is measured by itself.</summary>
internal interface IPart
{
    /// <summary>Measures, and enters the figures into the run.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
