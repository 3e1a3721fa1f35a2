using CsCheck;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Tests.References;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Tests.CommandLine;

/// <summary>Every command that the webhook could write, with the values that command lines trip over.</summary>
internal static class ArbitraryCommand
{
    private static readonly Gen<string> Odd = Gen.OneOf(
        "a", "-", "--", "-x", "--view", "--include=x", "--cache:x", "@file", "@", "/h", "/?", "-h", "-?", "--help", "--version", "fetch", "list", "verify", "[suggest]", "[diagram]",
        " ", "a b", "\"", "'", "\\", "$(X)", "=", ":", "a=b", "a:b", "%", "*", "*.safetensors", "[!a]*", "original/", "模", "\t", "\n", "a\nb", "1", "true", "false", ",", "a,b", "#");

    private static readonly Gen<string> Folder = Gen.OneOf(
        "/var/cache/stevedore", "/run/stevedore", "/h", "/?", "/a b", "/模", "/a=b", "/a:b", "/-x", "/@x", "/var/cache/stevedore/ns/team-a", "/\"quoted\"", "/list");

    private static readonly Gen<Glob> Pattern = Gen.OneOf(Odd, Gen.Const(""), Gen.String.Where(text => !text.Contains('\0'))).Select(text => new Glob(text));

    private static readonly Gen<MirrorRule> Mirror = Gen.Select(
        Gen.OneOf("hf://", "hf://Qwen/", "s3://a=b/"), Gen.OneOf("https://hub.example.com/", "s3://models/", ""), (prefix, target) => new MirrorRule(prefix, target));

    private static readonly Gen<TimeSpan> Duration = Gen.OneOf(Gen.Long[0, TimeSpan.MaxValue.Ticks], Gen.Long[0, 100_000_000]).Select(TimeSpan.FromTicks);

    private static readonly Gen<TimeSpan> Ttl = Duration.Where(ttl => ttl >= TimeSpan.FromSeconds(1));

    private static readonly Gen<ByteSize> Memory = Gen.OneOf(Gen.Long[32 << 20, long.MaxValue], Gen.Long[32, 4096].Select(mebi => mebi << 20)).Select(bytes => new ByteSize(bytes));

    private static readonly Gen<Uri> Endpoint = Gen.OneOf("https://s3.example.com", "http://minio:9000/", "http://127.0.0.1:9000/x").Select(text => new Uri(text));

    public static Gen<FetchCommand> Any { get; } =
        from references in ArbitraryReference.Any.Array[1, 4].Select(references => references.Distinct().ToList())
        from cache in Folder
        from places in Gen.Select(Folder.Null(), Folder.Null())
        from aliases in Gen.Select(Gen.Int[0, 3], Gen.OneOf("qwen", "Qwen/Qwen3-8B", "/models/qwen", "/h", "-x", "a b", "@x", "模")).Array[0, 3]
        from globs in Gen.Select(Pattern.Array[0, 3], Pattern.Array[0, 3])
        from mirrors in Mirror.Array[0, 2]
        from times in Gen.Select(Gen.OneOf(Duration, Gen.Const(FetchCommand.DefaultRefresh)), Gen.Nullable(Duration), Gen.Nullable(Ttl))
        from requirePresent in Gen.Bool
        from choices in Gen.Select(Gen.Enum<Verification>(), Gen.Enum<ProgressStyle>())
        from texts in Gen.Select(Odd.Null(), Odd.Null())
        from sizes in Gen.Select(Gen.Int[1, 256], Gen.Nullable(Memory))
        from endpoint in Endpoint.Null()
        from s3 in Gen.Select(Gen.OneOf("eu-central-1", "garage").Null(), Gen.Enum<S3Addressing>(), Gen.Bool)
        select new FetchCommand(references, cache)
        {
            CacheSeenAs = places.Item1,
            // The webhook never lets a view and a cache lie in each other, nor two models share a name: the fetcher refuses both.
            View = places.Item2 is { } view ? "/view" + view : null,
            Aliases = [.. aliases.DistinctBy(alias => alias.Item2).Select(alias => new ModelAlias(references[alias.Item1 % references.Count], alias.Item2))],
            Include = globs.Item1,
            Exclude = globs.Item2,
            Mirrors = mirrors,
            Refresh = times.Item1,
            Wait = times.Item2,
            LeaseTtl = times.Item3,
            RequirePresent = requirePresent,
            Verification = choices.Item1,
            Progress = choices.Item2,
            Mark = texts.Item1 is { } mark && mark.Trim().Length > 0 && !mark.Any(char.IsControl) ? mark : null,
            CaBundle = texts.Item2,
            Connections = sizes.Item1,
            Memory = sizes.Item2,
            S3Endpoint = endpoint,
            S3Region = s3.Item1,
            S3Addressing = s3.Item2,
            S3Anonymous = s3.Item3,
        };
}
