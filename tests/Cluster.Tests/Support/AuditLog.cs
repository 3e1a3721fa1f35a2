using System.Text.Json;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>The API server's audit log: one JSON object a line, written before the next request of the same connection is read.</summary>
internal sealed class AuditLog(string path)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What was noted of one request, by the id in its answer's Audit-Id header.</summary>
    public Task<AuditEvent> FindAsync(string id) => Eventually.AsyncValue(
        async () => (await AllAsync()).FirstOrDefault(entry => entry.AuditId == id), $"request {id} is in the audit log", Patience);

    /// <summary>Every request that is noted so far.</summary>
    public async Task<IReadOnlyList<AuditEvent>> AllAsync()
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync();

        // The last line may be half written.
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<AuditEvent>(line, JsonSerializerOptions.Web)!)];
    }
}

/// <summary>One request, as far as these tests look.</summary>
internal sealed record AuditEvent(
    string AuditId, string Verb, string RequestUri, AuditUser User, AuditObject? ObjectRef, AuditStatus? ResponseStatus, Dictionary<string, string>? Annotations)
{
    /// <summary>The webhook's own audit annotations, and which patches were applied, without the server's other notes.</summary>
    public IReadOnlyDictionary<string, string> OfWebhooks => (Annotations ?? [])
        .Where(note => note.Key.Contains(".stevedore.dev/", StringComparison.Ordinal) || note.Key.Contains("webhook.admission.k8s.io/", StringComparison.Ordinal))
        .ToDictionary();

    /// <summary>The value of an annotation; null where it is not there.</summary>
    public string? Note(string key) => Annotations?.GetValueOrDefault(key);
}

internal sealed record AuditUser(string Username);

internal sealed record AuditObject(string? Resource, string? Namespace, string? Name, string? ApiGroup, string? Subresource);

internal sealed record AuditStatus(int Code);
