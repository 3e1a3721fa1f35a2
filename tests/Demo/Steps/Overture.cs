using Stevedore.Demo.Show;

namespace Stevedore.Demo.Steps;

/// <summary>What is about to be seen, and with which programs.</summary>
internal static class Overture
{
    public static void Show(Scene scene)
    {
        var stage = scene.Stage;
        var kind = scene.Checkout.FetcherIsNative
            ? $"NativeAOT binary, {Bytes.Text(new FileInfo(scene.Checkout.Fetcher).Length)}"
            : "JIT build behind a wrapper: no clang or gcc was here to link a NativeAOT binary; it starts slower and takes more memory";
        _ = scene.Checkout.Webhook;
        stage.Line($"");
        stage.Line($"[bold aqua]Stevedore[/] [bold]loads model weights aboard vLLM pods.[/] One recorded pod, from admission to weights on disk.");
        stage.Facts(
            ("fetcher", $"artifacts/stevedore-fetcher ({kind})"),
            ("webhook", "artifacts/webhook/stevedore-webhook"),
            ("$TMP", $"{scene.Scratch.Path} (gone when this ends)"));
    }
}
