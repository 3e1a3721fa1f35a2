using System.Text.Json;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture.Hub;

/// <summary>The Hub's refusals: status, <c>X-Error-Code</c>, <c>X-Error-Message</c> and a JSON body that repeats the message.</summary>
internal static class HubErrors
{
    /// <summary>A token that belongs to nobody is refused everywhere, and without an error code.</summary>
    public static ShortAnswer BadToken { get; } = Error(401, null, "Invalid credentials in Authorization header");

    /// <summary>Missing and private look alike, and to the anonymous both look like a matter of the password.</summary>
    public static ShortAnswer NoRepository(bool anonymous) =>
        anonymous ? Error(401, "RepoNotFound", "Invalid username or password.") : Error(404, "RepoNotFound", "Repository not found");

    public static ShortAnswer NoRevision(string revision) => Error(404, "RevisionNotFound", $"Invalid rev id: {revision}");

    public static ShortAnswer NoEntry(string file) => Error(404, "EntryNotFound", $"{file} does not exist on this revision");

    public static ShortAnswer Gated(string id, bool anonymous) =>
        anonymous
            ? Error(401, "GatedRepo", $"Access to model {id} is restricted. You must have access to it and be authenticated.")
            : Error(403, "GatedRepo", $"Access to model {id} is restricted and you are not in the authorized list.");

    public static ShortAnswer NoRoute { get; } = Error(404, null, "Sorry, we can't find the page you are looking for.");

    private static ShortAnswer Error(int status, string? code, string message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { error = message });
        KeyValuePair<string, string>[] codes = code is null ? [] : [new("X-Error-Code", code)];

        // A header carries ASCII only, whatever the file is called.
        var inHeader = string.Concat(message.Select(c => char.IsAscii(c) && !char.IsControl(c) ? c : '?'));
        return new ShortAnswer(status, body, "application/json; charset=utf-8") { Headers = [.. codes, new("X-Error-Message", inHeader)] };
    }
}
