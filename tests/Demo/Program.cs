using System.Runtime.InteropServices;
using Stevedore.Demo;
using Stevedore.Demo.Show;
using Stevedore.Programs;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var checkout = Checkout.Find();
    using var scratch = TemporaryFolder.For("stevedore-demo");
    await new DemoRun(new Scene(checkout, scratch, Stage.OfProcess(scratch.Path))).RunAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("demo: stopped; nothing is left running.");
    return 130;
}
catch (Exception failure)
{
    await Console.Error.WriteLineAsync(failure is ProgramException ? $"demo: {failure.Message}" : $"demo: it broke in a way that nobody foresaw: {failure}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
