using System.Text.Json.Serialization;

namespace Stevedore.Fetcher.Sources.Hub;

/// <summary>The answer to <c>/api/models/ID/revision/REVISION</c>, of which only the commit is of use.</summary>
internal sealed record HubRevision(string? Sha);

/// <summary>One entry of <c>/api/models/ID/tree/COMMIT?recursive=true</c>.</summary>
/// <param name="Type"><c>file</c> or <c>directory</c>.</param>
/// <param name="Path">Relative to the repository's root.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="Oid">The git blob's sha1; of an LFS file, that of its pointer.</param>
/// <param name="Lfs">Only for LFS files.</param>
internal sealed record HubEntry(string? Type, string? Path, long? Size, string? Oid, HubLfs? Lfs);

/// <summary>Where an LFS file's content is named.</summary>
/// <param name="Oid">The content's sha256, in some versions of the API with <c>sha256:</c> before it.</param>
/// <param name="Size">Bytes of the content.</param>
internal sealed record HubLfs(string? Oid, long? Size);

/// <summary>Reads the Hub's answers without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubRevision))]
[JsonSerializable(typeof(HubEntry))]
internal sealed partial class HubJson : JsonSerializerContext;
