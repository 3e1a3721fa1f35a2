using System.Diagnostics;
using System.Text.Json;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

/// <summary>The fixture as a program of its own, as benchmarks use it.</summary>
public sealed class FixtureProcessTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("hub-root-");
    private readonly FixtureClient _client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task It_serves_a_folder_of_models_until_its_input_ends_and_tells_what_it_served()
    {
        using var writing = Run("model", "--out", Path.Combine(_root.FullName, "org", "model"), "--size", "64Ki", "--shards", "2");
        await writing.WaitForExitAsync(Ct);
        writing.ExitCode.Should().Be(0);

        using var serving = Run("serve", "--root", _root.FullName);
        var ready = JsonDocument.Parse((await serving.StandardOutput.ReadLineAsync(Ct))!).RootElement;
        var endpoint = new Uri(ready.GetProperty("endpoint").GetString()!);
        var config = await _client.Bytes(new Uri(endpoint, "org/model/resolve/main/config.json"));

        (await BytesServed(endpoint)).Should().Be(config.Length);
        using (var http = new HttpClient())
            (await http.PostAsync(new Uri(endpoint, "_fixture/reset"), null, Ct)).EnsureSuccessStatusCode();
        (await BytesServed(endpoint)).Should().Be(0);

        serving.StandardInput.Close();
        await serving.WaitForExitAsync(Ct);
        serving.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task It_says_what_is_wrong_with_its_arguments()
    {
        using var process = Run("model", "--out", _root.FullName, "--size", "big");

        (await process.StandardError.ReadToEndAsync(Ct)).Should().Contain("\"big\" is no size");
        await process.WaitForExitAsync(Ct);
        process.ExitCode.Should().NotBe(0);
    }

    private static Process Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(HubServer).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private async Task<long> BytesServed(Uri endpoint) =>
        JsonDocument.Parse(await _client.Bytes(new Uri(endpoint, "_fixture/log"))).RootElement.GetProperty("bytesServed").GetInt64();
}
