namespace Stevedore.Chaos;

/// <summary>One kind of trouble.</summary>
internal interface IPart
{
    /// <summary>Makes it and enters the figures.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
