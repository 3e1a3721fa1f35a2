using System.Diagnostics;
using System.Text;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>The program itself, started as a user would, and killed at the end whatever happens.</summary>
internal sealed class WebhookProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private WebhookProcess(Process process) => _process = process;

    public string Output => Text(_output);

    public string Error => Text(_error);

    public static WebhookProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "stevedore-webhook.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var running = new WebhookProcess(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => Append(running._output, line.Data);
        running._process.ErrorDataReceived += (_, line) => Append(running._error, line.Data);
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits for a text on its output.</summary>
    public async Task<string> UntilAsync(string text, CancellationToken cancellation)
    {
        using var deadline = Deadline(cancellation);
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited || deadline.IsCancellationRequested)
                throw new TimeoutException($"It never said \"{text}\": {Output}{Error}");
            await Task.Delay(20, CancellationToken.None);
        }

        return Output;
    }

    /// <summary>Types something in, and ends the input.</summary>
    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        _process.StandardInput.Close();
    }

    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        using var deadline = Deadline(cancellation);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static CancellationTokenSource Deadline(CancellationToken cancellation)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        return deadline;
    }

    private static void Append(StringBuilder to, string? line)
    {
        lock (to)
            to.Append(line).Append('\n');
    }

    private static string Text(StringBuilder from)
    {
        lock (from)
            return from.ToString();
    }
}
