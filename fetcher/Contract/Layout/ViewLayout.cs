namespace Stevedore.Contract.Layout;

/// <summary>Where things lie in a pod's view: the private folder of links that pins the pod to the versions it was given.</summary>
/// <param name="Root">The view's folder; the same path in the fetcher and in the workload.</param>
public sealed record ViewLayout(string Root)
{
    /// <summary>Where the webhook mounts the view.</summary>
    public const string DefaultMountPath = "/run/stevedore";

    /// <summary>What <c>HF_HUB_CACHE</c> points at.</summary>
    public string Hub => Path.Combine(Root, "hub");

    /// <summary>What <c>VLLM_MODEL_REDIRECT_PATH</c> points at: lines of <c>id&lt;TAB&gt;path</c>.</summary>
    public string Redirect => Path.Combine(Root, "redirect");

    /// <summary>What the view was given, so that a restarted pod keeps its versions.</summary>
    public string Pins => Path.Combine(Root, ".stevedore-pins.json");

    /// <summary>
    /// The part of the view that a workload's directory shows: the webhook mounts the view there with this <c>subPath</c>, and the fetcher fills it
    /// for <c>--as REF=/DIR</c>.
    /// </summary>
    /// <param name="workloadPath">Absolute, such as <c>/models/llama</c>.</param>
    public static string SubPathFor(string workloadPath) => "at/" + workloadPath.Trim('/');
}
