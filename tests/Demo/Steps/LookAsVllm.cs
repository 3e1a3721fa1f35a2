using System.Security.Cryptography;
using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;

namespace Stevedore.Demo.Steps;

/// <summary>Step: the workload's environment and volumes, read as vLLM and the Hub's own library read them.</summary>
internal static class LookAsVllm
{
    public static void Run(Scene scene, PatchedPod pod, InjectedRun container, ModelHub hub, RecordedReview review, Model model)
    {
        var step = scene.Begin("What vLLM finds when it starts", "look as vLLM does");
        var hubCache = Seen("HF_HUB_CACHE");
        var redirect = Seen("VLLM_MODEL_REDIRECT_PATH");

        // huggingface_hub: refs/main names the commit, snapshots/<commit> is the model.
        var repository = Path.Combine(hubCache, "models--" + review.ModelId.Replace("/", "--", StringComparison.Ordinal));
        var commit = File.ReadAllText(Path.Combine(repository, "refs", "main"));
        Scene.Require(commit == hub.Commit, $"refs/main in the view says {commit}, not the commit {hub.Commit} that the Hub serves.");
        var snapshot = Path.Combine(repository, "snapshots", commit);
        var tensors = WeightFiles.CountTensors(snapshot);

        // vLLM: a line of "id<TAB>path" makes it load the path and keep the id as the model's name.
        var target = File.ReadLines(redirect).Select(line => line.Split('\t')).FirstOrDefault(line => line[0] == review.ModelId)?[1];
        Scene.Require(target is not null, $"The redirect file has no line for {review.ModelId}.");
        Scene.Require(Path.GetFullPath(target) == snapshot, $"The redirect file leads to {target}, not to the snapshot {snapshot}.");

        var wanted = Directory.GetFiles(model.Folder);
        foreach (var file in wanted)
            Scene.Require(Digest(file) == Digest(Path.Combine(snapshot, Path.GetFileName(file))), $"{Path.GetFileName(file)} in the view differs from the model that was made.");
        step.Stop();

        scene.Stage.Facts(
            ("HF_HUB_CACHE", $"{PatchedPod.Variable(pod.Vllm, "HF_HUB_CACHE")}: refs/main is {commit}"),
            ("snapshot", $"{wanted.Length} files, byte for byte the model that was made; {tensors} tensors in the shards where the index says"),
            ("redirect", $"{review.ModelId} → {Folding.Path(scene.Stage.Brief(target), 60)}: local files, and the name stays"));
        step.Close($"{tensors} tensors, {wanted.Length} files equal to the source");

        string Seen(string variable)
        {
            var path = PatchedPod.Variable(pod.Vllm, variable);
            Scene.Require(path is not null, $"The workload got no {variable}.");
            return container.Volumes.Map(pod.Vllm, path);
        }
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
