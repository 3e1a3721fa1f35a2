namespace Stevedore.HubFixture.Wire;

/// <summary>Everything that was asked since the start or the last reset, in order of arrival.</summary>
internal sealed class AccessLog
{
    private readonly Lock _lock = new();
    private List<Exchange> _exchanges = [];

    public IReadOnlyList<Exchange> Snapshot()
    {
        lock (_lock)
            return [.. _exchanges];
    }

    public long ContentBytes => Snapshot().Where(exchange => exchange.IsContent).Sum(exchange => exchange.BytesSent);

    public void Add(Exchange exchange)
    {
        lock (_lock)
            _exchanges.Add(exchange);
    }

    public void Clear()
    {
        lock (_lock)
            _exchanges = [];
    }
}
