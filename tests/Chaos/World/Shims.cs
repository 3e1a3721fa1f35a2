using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>Libraries for <c>LD_PRELOAD</c> that change what the system answers, compiled from the folder <c>Shims</c> where a C compiler is there.</summary>
/// <param name="scratch">Where to.</param>
internal sealed class Shims(TemporaryFolder scratch)
{
    private static readonly string[] Compilers = ["gcc", "clang", "cc"];
    private readonly Dictionary<string, string> _built = [];

    /// <summary>Whether shims can be made here; where not, the parts that need them say so and do nothing.</summary>
    public static bool ArePossible => Compiler is not null;

    /// <summary>The library's path.</summary>
    /// <param name="name">The source's name without its extension.</param>
    /// <param name="cancellationToken">Ends the compiler.</param>
    public async Task<string> BuildAsync(string name, CancellationToken cancellationToken)
    {
        if (_built.TryGetValue(name, out var built))
            return built;
        var library = scratch.Sub(name + ".so");
        await using var compiler = ChildProgram.Start(
            Compiler ?? throw new ProgramException("No C compiler is here; install gcc (Debian and Ubuntu: apt-get install gcc libc6-dev)."),
            ["-shared", "-fPIC", "-O1", "-Wall", "-o", library, Path.Combine(AppContext.BaseDirectory, "Shims", name + ".c"), "-ldl"]);
        _ = (await compiler.EndAsync(cancellationToken)).OrThrow($"Compiling {name}.c");
        return _built[name] = library;
    }

    private static string? Compiler { get; } = Compilers
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
