using System.CommandLine;
using Stevedore.HubFixture.Commands;

var serve = ServeCommand.Create();
var model = ModelCommand.Create();
var root = new RootCommand("A Hugging Face Hub on loopback, for tests, demos and benchmarks.") { serve, model };
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"hub-fixture: {e.Message}");
    return 1;
}
