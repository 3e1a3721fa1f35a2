using System.Text.Json;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>The API server's audit log: one JSON object a line, read on from where it was last read to.</summary>
internal sealed class AuditLog(string path) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _reading = new(1);
    private readonly List<AuditEvent> _entries = [];
    private readonly Dictionary<string, AuditEvent> _byId = [];
    private long _read;

    /// <summary>What was noted of one request, by the id in its answer's Audit-Id header. It is written after the answer.</summary>
    public Task<AuditEvent> FindAsync(string id) => Eventually.AsyncValue(() => ReadAsync(() => _byId.GetValueOrDefault(id)), $"request {id} is in the audit log", Patience);

    /// <summary>Every request that is noted so far.</summary>
    public Task<IReadOnlyList<AuditEvent>> AllAsync() => ReadAsync<IReadOnlyList<AuditEvent>>(() => [.. _entries]);

    public void Dispose() => _reading.Dispose();

    private async Task<T> ReadAsync<T>(Func<T> answer)
    {
        await _reading.WaitAsync();
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Position = _read;
            var fresh = new byte[stream.Length - _read];
            await stream.ReadExactlyAsync(fresh);

            // The last line may be half written.
            var whole = fresh.AsMemory(0, fresh.AsSpan().LastIndexOf((byte)'\n') + 1);
            _read += whole.Length;
            Take(whole.Span);
            return answer();
        }
        finally
        {
            _reading.Release();
        }
    }

    private void Take(ReadOnlySpan<byte> lines)
    {
        foreach (var line in lines.Split((byte)'\n'))
        {
            if (lines[line].IsEmpty)
                continue;
            var entry = JsonSerializer.Deserialize<AuditEvent>(lines[line], JsonSerializerOptions.Web)!;
            _entries.Add(entry);
            _byId[entry.AuditId] = entry;
        }
    }
}

/// <summary>One request, as far as these tests look.</summary>
internal sealed record AuditEvent(
    string AuditId, string Verb, string RequestUri, AuditUser User, AuditObject? ObjectRef, AuditStatus? ResponseStatus, Dictionary<string, string>? Annotations)
{
    /// <summary>The webhooks' audit annotations and which of them were called, without the server's other notes.</summary>
    public IReadOnlyDictionary<string, string> OfWebhooks => (Annotations ?? [])
        .Where(note => note.Key.Contains(".stevedore.dev/", StringComparison.Ordinal) || note.Key.Contains("webhook.admission.k8s.io/", StringComparison.Ordinal))
        .ToDictionary();

    /// <summary>The value of an annotation; null where it is not there.</summary>
    public string? Note(string key) => Annotations?.GetValueOrDefault(key);
}

internal sealed record AuditUser(string Username);

internal sealed record AuditObject(string? Resource, string? Namespace, string? Name, string? ApiGroup, string? Subresource);

internal sealed record AuditStatus(int Code);
