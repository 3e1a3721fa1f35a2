using Stevedore.Demo.Pods;
using Stevedore.HubFixture;

namespace Stevedore.Demo.Steps;

/// <summary>A Hub in this process that holds the model, under the name that the recorded pod asks for.</summary>
/// <param name="Server">The fixture.</param>
/// <param name="Commit">What <c>main</c> means.</param>
internal sealed record ModelHub(HubServer Server, string Commit) : IAsyncDisposable
{
    /// <summary>What <c>HF_ENDPOINT</c> must be.</summary>
    public Uri Endpoint => Server.Endpoint;

    /// <summary>Bytes of content and requests so far.</summary>
    public Traffic Traffic => new(Server.BytesServed, Server.Log.Count);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>What a Hub was asked for.</summary>
/// <param name="Bytes">Bytes of files' content that it handed to its sockets.</param>
/// <param name="Requests">Requests of any kind.</param>
internal readonly record struct Traffic(long Bytes, int Requests)
{
    /// <summary>What came since.</summary>
    public static Traffic operator -(Traffic later, Traffic earlier) => new(later.Bytes - earlier.Bytes, later.Requests - earlier.Requests);
}

/// <summary>Step: a Hub serves the model.</summary>
internal static class ServeModel
{
    public static async Task<ModelHub> RunAsync(Scene scene, Model model, RecordedReview review, CancellationToken cancellationToken)
    {
        var step = scene.Begin("A Hugging Face Hub on loopback", "start the Hub");
        var server = await HubServer.StartAsync(ct: cancellationToken);
        var commit = server.AddRepositoryFrom(review.ModelId, model.Folder).Find("main")!;
        step.Close($"{commit.Files.Count(file => file.IsLfs)} of its files in LFS");
        scene.Stage.Facts(
            ("repository", $"{review.ModelId}: the name that the recorded pod asks for"),
            ("commit", $"{commit.Sha} (main)"),
            ("API", server.Endpoint.OriginalString),
            ("large files", $"{server.CdnEndpoint.OriginalString}, by redirects to signed addresses"));
        return new ModelHub(server, commit.Sha);
    }
}
