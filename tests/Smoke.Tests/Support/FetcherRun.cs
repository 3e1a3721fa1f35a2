using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Stevedore.Smoke.Tests.Support;

/// <summary>How a run of the fetcher ended.</summary>
/// <param name="Code">128 and the signal's number where one ended it unhandled.</param>
/// <param name="Output">stdout.</param>
/// <param name="Errors">stderr.</param>
internal sealed record Outcome(int Code, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The sentence that says what failed: the last line on stderr.</summary>
    public string Sentence => ErrorLines.Length == 0 ? "" : ErrorLines[^1];
}

/// <summary>A process of the fetcher that runs.</summary>
internal sealed class FetcherRun : IDisposable
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly string[] Foreign = ["HF_", "HUGGING", "AWS_", "STEVEDORE_", "SSL_CERT", "TERM", "NETRC", "OTEL_", "http_proxy", "https_proxy", "no_proxy", "all_proxy"];

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private FetcherRun(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it with nothing of this machine's environment that it would heed.</summary>
    public static FetcherRun Start(IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Fetcher.Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(name => Foreign.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new FetcherRun(Process.Start(start)!);
    }

    /// <summary>Asks it to stop, as Kubernetes does.</summary>
    public void SendTerminate() => Send(Terminate);

    /// <summary>Asks it to stop, as Ctrl+C does.</summary>
    public void SendInterrupt() => Send(Interrupt);

    /// <summary>Ends it where it is.</summary>
    public void SendKill() => Send(Kill);

    /// <summary>Waits for its end.</summary>
    public async Task<Outcome> EndAsync()
    {
        using var limit = new CancellationTokenSource(Longest);
        await _process.WaitForExitAsync(limit.Token);
        return new Outcome(_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Send(int signal) => kill(_process.Id, signal).Should().Be(0);

#pragma warning disable SYSLIB1054, IDE1006, CA5392 // The name is libc's own.
    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, IDE1006, CA5392
}
