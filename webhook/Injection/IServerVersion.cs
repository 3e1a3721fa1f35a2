namespace Stevedore.Webhook.Injection;

/// <summary>Which Kubernetes will run the pods, as far as anybody knows.</summary>
internal interface IServerVersion
{
    /// <summary>Major and minor; null where no server was asked, or none has answered yet.</summary>
    Version? Current { get; }
}

/// <summary>A version that does not change.</summary>
/// <param name="Current">The version.</param>
internal sealed record FixedServerVersion(Version? Current) : IServerVersion
{
    /// <summary>Nobody was asked.</summary>
    public static readonly FixedServerVersion Unknown = new(Current: null);
}
