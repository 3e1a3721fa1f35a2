using Stevedore.Contract;
using Stevedore.Fetcher.Commands;

namespace Stevedore.Fetcher.Tests.Commands;

/// <summary>The program in this process, with an environment of the test's own.</summary>
internal sealed record ProgramRun(ExitCode Code, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task<ProgramRun> Of(params string[] arguments) => With([], arguments);

    public static async Task<ProgramRun> With(Dictionary<string, string> environment, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        environment.TryAdd("STEVEDORE_TERMINATION_LOG", "");
        var code = await new FetcherProgram(output, errors, environment.GetValueOrDefault).RunAsync(arguments);
        return new ProgramRun(code, output.ToString(), errors.ToString());
    }
}
