using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>What a server logged, in memory.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyList<string> All => [.. _lines];

    /// <summary>Waits for a line that holds the text, or its alternative, nudging in between.</summary>
    public async Task UntilAsync(string text, CancellationToken cancellation, Action? nudge = null, string? or = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!_lines.Any(line => line.Contains(text, StringComparison.Ordinal) || (or is not null && line.Contains(or, StringComparison.Ordinal))))
        {
            if (deadline.IsCancellationRequested)
                throw new TimeoutException($"No line says \"{text}\" among:\n{string.Join('\n', _lines)}");
            nudge?.Invoke();
            await Task.Delay(10, CancellationToken.None);
        }
    }

    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => new Collector(_lines);

    public void Dispose()
    {
    }

    private sealed class Collector(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}".TrimEnd());
    }
}
