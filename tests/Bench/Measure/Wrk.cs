using System.Text.Json.Nodes;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure;

/// <summary>Debian's <c>wrk</c>: as many reviews as the server takes over a few kept-alive connections, with next to no work of its own.</summary>
internal static class Wrk
{
    // Requests are made once, so that sending one costs the client nothing but the write.
    private const string Script = """
        local requests, turn = {}, 0
        function init(args)
          for _, path in ipairs(args) do
            local file = assert(io.open(path, "rb"))
            requests[#requests + 1] = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, file:read("*a"))
            file:close()
          end
        end
        function request()
          turn = turn % #requests + 1
          return requests[turn]
        end
        function done(summary, latency)
          local e = summary.errors
          print(string.format('{"reviews":%d,"seconds":%f,"errors":%d,"p99":%f}',
            summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99) / 1e3))
        end
        """;

    /// <summary>Sends reviews for some seconds.</summary>
    /// <param name="url">The door.</param>
    /// <param name="connections">Kept-alive connections.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="reviews">Recorded reviews, taken in turn.</param>
    /// <param name="folder">Where its script may be written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>reviews, seconds, errors, p99 (milliseconds).</returns>
    /// <exception cref="ProgramException">wrk is not here, or failed.</exception>
    public static async Task<JsonNode> RunAsync(Uri url, int connections, int seconds, IReadOnlyList<string> reviews, string folder, CancellationToken cancellationToken)
    {
        var script = Path.Combine(folder, "reviews.lua");
        await File.WriteAllTextAsync(script, Script, cancellationToken);
        ChildProgram wrk;
        try
        {
            wrk = ChildProgram.Start("wrk", ["-t", "1", "-c", $"{connections}", "-d", $"{seconds}s", "-s", script, url.OriginalString, "--", .. reviews]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new ProgramException("wrk is not on the PATH; install it (Debian: apt-get install wrk).");
        }

        await using (wrk)
        {
            var end = (await wrk.EndAsync(cancellationToken)).OrThrow("wrk");
            return JsonNode.Parse(end.Output.Last(line => line.StartsWith('{')))!;
        }
    }
}
