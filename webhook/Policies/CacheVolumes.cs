using System.Text.Json;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Policies;

/// <summary>A Kubernetes volume source, kept as it was written.</summary>
/// <param name="Kind">The one member that it has, such as <c>persistentVolumeClaim</c>.</param>
/// <param name="Json">The whole source, <c>{"persistentVolumeClaim": {…}}</c>: what stands beside a volume's name.</param>
internal sealed record VolumeSource(string Kind, JsonElement Json)
{
    /// <summary>Whether it begins empty with the pod and ends with it.</summary>
    public bool IsOwn => Kind is "emptyDir" or "ephemeral";
}

/// <summary>The volumes of a policy.</summary>
/// <param name="Common">For every strategy that it suits; null for none.</param>
/// <param name="ByStrategy">Those that go before it.</param>
internal sealed record CacheVolumes(VolumeSource? Common, IReadOnlyDictionary<Strategy, VolumeSource> ByStrategy)
{
    /// <summary>Nothing is said.</summary>
    public static readonly CacheVolumes None = new(null, new Dictionary<Strategy, VolumeSource>());

    private static readonly VolumeSource EmptyDir = new("emptyDir", JsonElement.Parse("""{"emptyDir":{}}"""));

    /// <summary>The claims among the volumes.</summary>
    public IEnumerable<string> ClaimNames => ByStrategy.Values.Append(Common).Where(volume => volume?.Kind == "persistentVolumeClaim")
        .Select(volume => JsonShape.Text(JsonShape.Object(volume!.Json, volume.Kind), "claimName")).OfType<string>();

    /// <summary>
    /// The volume that holds the cache under a strategy. Where the cache is the pod's own, an emptyDir goes without saying; null where a
    /// strategy has no volume of the policy's, which is <see cref="Strategy.Image"/> alone once a policy is valid.
    /// </summary>
    public VolumeSource? For(Strategy strategy)
    {
        if (ByStrategy.TryGetValue(strategy, out var own))
            return own;
        if (Common is not null && Suits(strategy, Common))
            return Common;
        return strategy is Strategy.Local or Strategy.Native ? EmptyDir : null;
    }

    /// <summary>
    /// Whether a strategy works on such a volume. <see cref="Strategy.Local"/> lets a pod say which endpoint to trust, so what others read must
    /// not be its cache; what many pods share must outlive each of them.
    /// </summary>
    public static bool Suits(Strategy strategy, VolumeSource volume) => strategy switch
    {
        Strategy.Native => true,
        Strategy.Local => volume.IsOwn,
        Strategy.Image => false,
        _ => !volume.IsOwn,
    };
}
