using System.Runtime.InteropServices;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Commands;

/// <summary>
/// SIGTERM and SIGINT: the first cancels the run, which then has <see cref="Grace"/> to put its things down; after that, or at a second signal, the process
/// ends where it is, which costs nothing: what was fetched is in the journal.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>Less than the second within which the process must be gone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(700);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action<ExitCode> _end;
    private readonly TimeProvider _time;
    private ITimer? _timer;
    private int _received;

    /// <param name="end">Says goodbye and ends the process.</param>
    /// <param name="time">Measures the grace.</param>
    public StopSignals(Action<ExitCode> end, TimeProvider time)
    {
        _end = end;
        _time = time;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => On(signal, ExitCode.Terminated)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => On(signal, ExitCode.Interrupted)),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>How the process ends because of a signal; null while none came.</summary>
    public ExitCode? Code => _received == 0 ? null : (ExitCode)_received;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _timer?.Dispose();
        _stop.Dispose();
    }

    private void On(PosixSignalContext signal, ExitCode code)
    {
        signal.Cancel = true;
        if (Interlocked.CompareExchange(ref _received, (int)code, 0) != 0)
        {
            _end(code);
            return;
        }

        _timer = _time.CreateTimer(_ => _end(code), null, Grace, Timeout.InfiniteTimeSpan);
        _stop.Cancel();
    }
}
