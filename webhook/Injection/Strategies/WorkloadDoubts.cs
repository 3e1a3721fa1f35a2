namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>What of a workload's command line a person should know when its model is fetched ahead of it.</summary>
internal static class WorkloadDoubts
{
    /// <summary>Warns of it.</summary>
    public static void Tell(PlanRequest request, Workload workload)
    {
        foreach (var unread in workload.Command.Unread)
        {
            request.Warnings.Add(
                $"{AdmissionWarnings.Excerpt(unread)} in {workload.Quoted} can't be read here; models that it names are not fetched");
        }

        foreach (var line in workload.Command.Lines)
        {
            if (line.HasToken)
                request.Warnings.Add($"--hf-token of {workload.Quoted} is not passed on; put the token into HF_TOKEN");
            if (line.LoadFormat is "pt" or "npcache" or "gguf" or "mistral" && request.Wishes.Include.Count == 0)
                request.Warnings.Add($"--load-format {line.LoadFormat} needs files that are left out by default; set stevedore.dev/include");
        }
    }

    /// <summary>Warns of annotations that say something to a fetcher, where there is none.</summary>
    public static void TellOfUnusedWishes(PlanRequest request)
    {
        var wishes = request.Wishes;
        var unused = string.Join(", ", new[]
        {
            (wishes.Include.Count > 0, "include"), (wishes.Exclude.Count > 0, "exclude"), (wishes.Refresh is not null, "refresh"),
            (wishes.FetcherCpu is not null, "fetcher-cpu"), (wishes.FetcherMemory is not null, "fetcher-memory"),
        }.Where(wish => wish.Item1).Select(wish => wish.Item2));
        if (unused.Length > 0)
            request.Warnings.Add($"nothing is fetched with the strategy {request.Strategy}: {unused} had no effect");
    }
}
