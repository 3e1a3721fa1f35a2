using System.Diagnostics;
using System.Runtime.InteropServices;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>
/// The published fetcher in a PID namespace of its own, as in a container, where the machine allows that: it is process 1 there, on the same kernel as all
/// others.
/// </summary>
internal sealed partial class Pod : IAsyncDisposable
{
    private const int Sigkill = 9;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    // unshare's own --fork stops and wakes itself with its child, and fails at that.
    private const string AsFirstProcess = "mount -t proc proc /proc && { [ -z \"$0\" ] || mount --bind \"$0\" /proc/sys/kernel/random/boot_id; } && exec \"$@\"";
    private static readonly string[] Container = ["--pid", "--mount", "--", "sh", "-c", $"( {AsFirstProcess} ) & wait $!"];
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(10);
    private static readonly Lazy<Task<bool>> Namespaces = new(TryNamespacesAsync);

    private readonly ChildProgram _program;
    private readonly bool _isWrapped;
    private int _inner;

    private Pod(ChildProgram program, bool isWrapped)
    {
        _program = program;
        _isWrapped = isWrapped;
    }

    /// <summary>Whether the machine lets each fetcher have a PID namespace of its own.</summary>
    public static Task<bool> HasNamespacesAsync() => Namespaces.Value;

    /// <summary>Whether it is over.</summary>
    public bool HasEnded => _program.HasEnded;

    /// <summary>Starts a fetcher.</summary>
    /// <param name="checkout">Where it lies.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="bootId">A file whose content it takes for its kernel's boot id, as if it ran on another node; null for the true one.</param>
    public static async Task<Pod> StartAsync(
        Checkout checkout, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? bootId = null)
    {
        if (!await HasNamespacesAsync())
            return new Pod(ChildProgram.Start(checkout.Fetcher, arguments, environment), isWrapped: false);
        return new Pod(ChildProgram.Start("unshare", [.. Container, bootId ?? "", checkout.Fetcher, .. arguments], environment), isWrapped: true);
    }

    /// <summary>SIGKILL: it has no say in it.</summary>
    /// <returns>False where it was over already.</returns>
    public Task<bool> KillAsync() => SendAsync(Sigkill);

    /// <summary>SIGSTOP: it knows nothing of it.</summary>
    /// <returns>False where it was over already.</returns>
    public Task<bool> StopAsync() => SendAsync(Sigstop);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public Task<bool> ContinueAsync() => SendAsync(Sigcont);

    /// <summary>Waits until it is over.</summary>
    public Task<EndedProgram> EndAsync(CancellationToken cancellationToken) => _program.EndAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_program.HasEnded)
            await KillAsync();
        await _program.DisposeAsync();
    }

    private async Task<bool> SendAsync(int signal)
    {
        var id = await InnerAsync();
        return id != 0 && !_program.HasEnded && kill(id, signal) == 0;
    }

    /// <summary>The fetcher itself, as this namespace numbers it; 0 where it is over.</summary>
    private async Task<int> InnerAsync()
    {
        if (!_isWrapped)
            return _program.Id;
        for (var clock = Stopwatch.StartNew(); _inner == 0 && !_program.HasEnded && clock.Elapsed < LongestStart; await Task.Delay(2))
            _inner = ChildOf(_program.Id);
        return _inner;
    }

    private static int ChildOf(int id)
    {
        try
        {
            return int.TryParse(File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ')[0], out var child) ? child : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task<bool> TryNamespacesAsync()
    {
        try
        {
            await using var trial = ChildProgram.Start("unshare", [.. Container, "", "true"]);
            return (await trial.EndAsync(CancellationToken.None)).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

#pragma warning disable IDE1006 // The name is libc's own.
    [LibraryImport("libc")]
    private static partial int kill(int id, int signal);
#pragma warning restore IDE1006
}
