using System.Text.Json;
using System.Threading.Channels;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Cluster;

/// <summary>
/// The policies of the cluster, as the watch keeps them. An object that is wrong is no part of the set: its last valid generation stays in use, as long
/// as this replica has seen one. The API server refuses nearly all that is wrong before it gets here.
/// </summary>
internal sealed partial class ClusterPolicies(ILogger<ClusterPolicies> logger) : IPolicySource, IObjectStore<JsonElement>
{
    private readonly Channel<string> _judged = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private volatile Dictionary<string, PolicyVerdict> _verdicts = [];
    private volatile PolicySet? _current;

    /// <inheritdoc/>
    public PolicySet Current => _current ?? throw new InvalidOperationException("The policies of the cluster are not known yet.");

    /// <inheritdoc/>
    public PolicyCounts Counts => new(_current?.Ranked.Count ?? 0, _verdicts.Values.Count(verdict => !verdict.IsValid));

    /// <summary>The names of objects that were looked at, in order, for whoever tells their authors.</summary>
    public ChannelReader<string> Judged => _judged.Reader;

    /// <summary>What was made of an object; null where there is none.</summary>
    public PolicyVerdict? VerdictOn(string name) => _verdicts.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Replace(IReadOnlyList<ClusterObject<JsonElement>> all) =>
        Swap(all.ToDictionary(found => found.Name, found => PolicyVerdict.Of(found, _verdicts.GetValueOrDefault(found.Name))), all.Select(found => found.Name));

    /// <inheritdoc/>
    public void Set(ClusterObject<JsonElement> changed)
    {
        var before = _verdicts.GetValueOrDefault(changed.Name);
        Swap(new Dictionary<string, PolicyVerdict>(_verdicts) { [changed.Name] = PolicyVerdict.Of(changed, before) }, [changed.Name]);
    }

    /// <inheritdoc/>
    public void Remove(string name)
    {
        var rest = new Dictionary<string, PolicyVerdict>(_verdicts);
        rest.Remove(name);
        Swap(rest, []);
    }

    /// <summary>Takes new verdicts into use, and the policies in force with them, unless these are the same as before.</summary>
    private void Swap(Dictionary<string, PolicyVerdict> verdicts, IEnumerable<string> judged)
    {
        foreach (var verdict in verdicts.Values.Where(verdict => !verdict.IsValid && _verdicts.GetValueOrDefault(verdict.Name)?.Generation != verdict.Generation))
            Log.Refused(logger, verdict.Name, verdict.Generation, verdict.InForce is null ? "no generation of it is in force" : $"generation {verdict.InForce.Generation} stays", string.Join(" ", verdict.Problems));
        _verdicts = verdicts;
        var inForce = verdicts.Values.Select(verdict => verdict.InForce).OfType<InjectionPolicy>().ToList();
        if (_current is null || inForce.Count != _current.Ranked.Count || inForce.Exists(policy => !ReferenceEquals(_current.Named(policy.Name), policy)))
            _current = new PolicySet(inForce);
        foreach (var name in judged)
            _judged.Writer.TryWrite(name);
    }

    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Error, "Policy {Name}, generation {Generation}, is not taken into use, and {Instead}: {Problems}")]
        public static partial void Refused(ILogger logger, string name, long generation, string instead, string problems);
    }
}
