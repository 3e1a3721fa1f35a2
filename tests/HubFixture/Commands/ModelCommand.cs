using System.CommandLine;

namespace Stevedore.HubFixture.Commands;

/// <summary><c>hub-fixture model</c>: writes a sample model.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var directory = new Option<DirectoryInfo>("--out") { Description = "The folder to write into", HelpName = "DIR", Required = true };
        var size = new Option<long>("--size")
        {
            Description = "How many bytes of tensors: 64Mi, 2Gi, 500M",
            HelpName = "SIZE",
            DefaultValueFactory = _ => 64 << 20,
            CustomParser = SizeArgument.Parse,
        };
        var shards = Number("--shards", "How many safetensors files", 2);
        var seed = Number("--seed", "Another one gives other weights", 1UL);
        var command = new Command("model", "Write a small but genuine model") { directory, size, shards, seed };
        command.SetAction(parsed =>
        {
            var total = SampleModel.Write(
                parsed.GetRequiredValue(directory).FullName, parsed.GetValue(size), parsed.GetValue(shards), parsed.GetValue(seed));
            parsed.InvocationConfiguration.Error.WriteLine($"{total} bytes in {parsed.GetRequiredValue(directory).FullName}");
        });
        return command;
    }

    private static Option<T> Number<T>(string name, string description, T otherwise) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };
}
