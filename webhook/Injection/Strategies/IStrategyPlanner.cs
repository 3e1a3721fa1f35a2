using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>One way of bringing models to a pod.</summary>
internal interface IStrategyPlanner
{
    /// <summary>What the pod gets; or why it can't have it.</summary>
    Step<StrategyPlan> Plan(PlanRequest request);
}

/// <summary>The planner of each strategy.</summary>
internal static class StrategyPlanners
{
    private static readonly IStrategyPlanner Native = new NativePlanner();
    private static readonly IStrategyPlanner Local = new FetchingPlanner(new FetchingTraits(Downloads: true, PlacesPods: false));
    private static readonly IStrategyPlanner Shared = new FetchingPlanner(new FetchingTraits(Downloads: true, PlacesPods: false));
    private static readonly IStrategyPlanner Node = new FetchingPlanner(new FetchingTraits(Downloads: true, PlacesPods: true));
    private static readonly IStrategyPlanner Prepopulated = new FetchingPlanner(new FetchingTraits(Downloads: false, PlacesPods: false));
    private static readonly IStrategyPlanner Image = new ImagePlanner();
    private static readonly IStrategyPlanner Lazy = new LazyPlanner();

    /// <summary>Finds it.</summary>
    public static IStrategyPlanner For(Strategy strategy) => strategy switch
    {
        Strategy.Native => Native,
        Strategy.Local => Local,
        Strategy.Shared => Shared,
        Strategy.Node => Node,
        Strategy.Prepopulated => Prepopulated,
        Strategy.Image => Image,
        Strategy.Lazy => Lazy,
        _ => throw new InvalidOperationException($"No planner is known to the strategy {strategy}."),
    };
}
