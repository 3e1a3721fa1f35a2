using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Stevedore.Programs;

/// <summary>
/// A program that was started and is waited for: its output is kept by lines, its environment is clean, and it is gone when this is disposed. It
/// holds one end of a pipe as its input, so that a program which ends with its input also ends should this process die.
/// </summary>
public sealed partial class ChildProgram : IAsyncDisposable
{
    private const int Sigterm = 15;

    private readonly Process _process;
    private readonly Stopwatch _clock;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly Action<string>? _onOutput;
    private readonly Task _reading;

    private ChildProgram(Process process, Stopwatch clock, Action<string>? onOutput)
    {
        (_process, _clock, _onOutput) = (process, clock, onOutput);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _output, _onOutput), ReadAsync(process.StandardError, _errors, null));
    }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it is over, in whatever way.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it wrote to stderr so far.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    /// <summary>What it wrote to stdout so far.</summary>
    public IReadOnlyList<string> Output => Copy(_output);

    /// <summary>Starts a program.</summary>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What it finds in its environment besides the few variables that any program needs: like a container, it inherits nothing.</param>
    /// <param name="onOutput">Is given each line of stdout as it comes.</param>
    public static ChildProgram Start(
        string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onOutput = null)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment.With(environment))
            start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        var process = Process.Start(start) ?? throw new ProgramException($"{path} could not be started.");
        return new ChildProgram(process, clock, onOutput);
    }

    /// <summary>Starts a program that serves, and waits for the line of its stdout that says it is ready.</summary>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="sign">What the line says; null for any other line.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="cancellationToken">Ends the wait, and the program.</param>
    /// <exception cref="ProgramException">It ended, or took too long.</exception>
    public static async Task<(ChildProgram Program, T Sign)> StartAsync<T>(
        string path, IEnumerable<string> arguments, Func<string, T?> sign, TimeSpan patience, CancellationToken cancellationToken)
        where T : class
    {
        var ready = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var program = Start(path, arguments, onOutput: line =>
        {
            if (!ready.Task.IsCompleted && sign(line) is { } value)
                ready.TrySetResult(value);
        });
        try
        {
            var end = program.EndAsync(cancellationToken);
            if (await Task.WhenAny(ready.Task, end).WaitAsync(patience, cancellationToken) == ready.Task)
                return (program, await ready.Task);
            var (code, _, output, errors) = await end;
            throw new ProgramException($"{path} ended with exit code {code} before it was ready: {errors.Concat(output).FirstOrDefault() ?? "it said nothing."}");
        }
        catch (Exception error)
        {
            await program.DisposeAsync();
            throw error is TimeoutException ? new ProgramException($"{path} was not ready within {patience.TotalSeconds:0} s.") : error;
        }
    }

    /// <summary>Waits until it is over and all its output was read.</summary>
    public async Task<EndedProgram> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        var took = _clock.Elapsed;
        await _reading.WaitAsync(cancellationToken);
        return new EndedProgram(_process.ExitCode, took, Output, Errors);
    }

    /// <summary>SIGKILL: it has no say in it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM: asks it to end.</summary>
    public void Terminate()
    {
        // Of an ended child only its zombie's id is left, and that may be somebody else's soon.
        if (!_process.HasExited)
            _ = SendSignal(_process.Id, Sigterm);
    }

    /// <summary>Sees to it that the program is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, List<string> lines, Action<string>? onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
                lines.Add(line);
            onLine?.Invoke(line);
        }
    }

    private IReadOnlyList<string> Copy(List<string> lines)
    {
        lock (_lock)
            return [.. lines];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int id, int signal);
}

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code; 128 and the signal's number where one ended it.</param>
/// <param name="Took">From before its start until it was gone.</param>
/// <param name="Output">Its stdout, by lines.</param>
/// <param name="Errors">Its stderr, by lines.</param>
public sealed record EndedProgram(int Code, TimeSpan Took, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    /// <summary>What <see cref="Code"/> is after SIGKILL.</summary>
    public const int KilledCode = 128 + 9;

    /// <summary>This, if all went well.</summary>
    /// <exception cref="ProgramException">It ended with another code than 0.</exception>
    public EndedProgram OrThrow(string what) => Code == 0 ? this : throw new ProgramException(
        $"{what} ended with exit code {Code}: {(Errors.Count > 0 ? Errors[^1].TrimEnd('.') : "it said nothing")}.");
}
