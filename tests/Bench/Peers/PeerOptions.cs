using System.CommandLine;

namespace Stevedore.Bench.Peers;

/// <summary>The options that narrow the contests.</summary>
internal sealed class PeerOptions
{
    private readonly Option<string[]> _sets = Several("--set", "NAME", $"Only these sets: {string.Join(", ", FileSet.Names)}");
    private readonly Option<string[]> _sources = Several("--source", "KIND", "Only these sources: http, https, s3");
    private readonly Option<string[]> _programs = Several("--program", "NAME", "Only these programs: curl, aria2c, rclone, s5cmd, aws, stevedore");
    private readonly Option<double> _scale = new("--scale") { HelpName = "X", Description = "Takes a part of the sets' sizes, such as 0.25", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _target = new("--target") { HelpName = "DIR", Description = $"Where everybody writes (default: /var/tmp, a disk; {PeerSettings.Memory} compares programs without one)" };
    private readonly Option<bool> _keep = new("--keep") { Description = "Replaces the result in the repository; only for a full run" };

    /// <summary>They accept what there is.</summary>
    public PeerOptions()
    {
        _sets.AcceptOnlyFromAmong([.. FileSet.Names]);
        _sources.AcceptOnlyFromAmong([.. Enum.GetNames<Source>().Select(name => name.ToLowerInvariant())]);
    }

    /// <summary>Makes a command take them.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _sets, _sources, _programs, _scale, _target, _keep })
            command.Options.Add(option);
    }

    /// <summary>What was chosen.</summary>
    public PeerSettings Read(ParseResult parsed) => new(
        parsed.GetValue(_sets) is { Length: > 0 } sets ? sets : FileSet.Names,
        parsed.GetValue(_sources) is { Length: > 0 } sources ? [.. sources.Select(name => Enum.Parse<Source>(name, ignoreCase: true))] : Enum.GetValues<Source>(),
        parsed.GetValue(_programs) ?? [],
        Math.Clamp(parsed.GetValue(_scale), 0.001, 1),
        parsed.GetValue(_target),
        parsed.GetValue(_keep));

    private static Option<string[]> Several(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, AllowMultipleArgumentsPerToken = true };
}
