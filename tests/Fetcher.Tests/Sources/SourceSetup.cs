using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Sources;

/// <summary>Sources as a run has them, with an environment of the test's own.</summary>
internal sealed class SourceSetup(IReadOnlyDictionary<string, string>? environment = null, WebSettings? settings = null, S3Settings? s3 = null) : IDisposable
{
    public static readonly FileFilter Everything = new([], []);

    private readonly ModelSources _sources = new(
        settings ?? new WebSettings(), () => s3 ?? S3Settings.From(null, null, S3Addressing.Auto, true, name => environment?.GetValueOrDefault(name)), name => environment?.GetValueOrDefault(name));

    public static SourceSetup At(Uri hub, string? token = null, WebSettings? settings = null)
    {
        var environment = new Dictionary<string, string> { ["HF_ENDPOINT"] = hub.OriginalString };
        if (token is not null)
            environment["HF_TOKEN"] = token;
        return new SourceSetup(environment, settings);
    }

    public IModelSource For(string reference) => _sources.For(ModelReference.Parse(reference).OrThrow());

    public void Dispose() => _sources.Dispose();
}

internal static class SourceSteps
{
    public static Task<ModelManifest> ListAsync(this IModelSource source, string? version = null, Patience patience = Patience.Long) =>
        source.ListAsync(version, SourceSetup.Everything, patience, TestContext.Current.CancellationToken);

    public static Task<string?> ResolveAsync(this IModelSource source, Patience patience = Patience.Long) =>
        source.ResolveAsync(patience, TestContext.Current.CancellationToken);

    /// <summary>Reads a stretch on a thread of its own, as the engine does.</summary>
    public static Task<byte[]> ReadAsync(this IContentOrigin origin, long from, long to, bool whole = false) => Task.Factory.StartNew(
        () => origin.Read(from, to, whole), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static byte[] Read(this IContentOrigin origin, long from, long to, bool whole = false, CancellationToken cancellationToken = default)
    {
        using var open = origin.Open(from, to, whole, cancellationToken);
        using var bytes = new MemoryStream();
        open.Body.CopyTo(bytes);
        return bytes.ToArray();
    }
}
