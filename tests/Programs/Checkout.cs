namespace Stevedore.Programs;

/// <summary>The checkout that this program was built in, wherever it lies, and what was published there.</summary>
public sealed class Checkout
{
    private const string Landmark = "Webhook.sln";

    private Checkout(string root) => Root = root;

    /// <summary>The folder that holds the solution.</summary>
    public string Root { get; }

    /// <summary>The published fetcher: a NativeAOT binary, or a wrapper around the JIT build.</summary>
    public string Fetcher => Published("stevedore-fetcher", "make fetcher");

    /// <summary>The published webhook.</summary>
    public string Webhook => Published(Path.Combine("webhook", "stevedore-webhook"), "make webhook");

    /// <summary>Whether the fetcher is machine code: without a linker <c>make fetcher</c> leaves a shell script in its place.</summary>
    public bool FetcherIsNative
    {
        get
        {
            Span<byte> magic = stackalloc byte[4];
            using var file = File.OpenRead(Fetcher);
            return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("\u007fELF"u8);
        }
    }

    /// <summary>Finds it from where this program lies, else from the working directory.</summary>
    /// <exception cref="ProgramException">Neither lies in a checkout.</exception>
    public static Checkout Find() => Above(AppContext.BaseDirectory) ?? Above(Directory.GetCurrentDirectory()) ?? throw new ProgramException(
        $"Neither {AppContext.BaseDirectory} nor the working directory lies below a folder with {Landmark}; start this from a clone of Stevedore.");

    /// <summary>A file of the checkout.</summary>
    /// <exception cref="ProgramException">It isn't there.</exception>
    public string Source(string path) => Existing(Path.Combine(Root, path), "this checkout is incomplete; git status tells what is missing");

    private static Checkout? Above(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Landmark)))
                return new Checkout(folder.FullName);
        }

        return null;
    }

    private string Published(string path, string verb) => Existing(Path.Combine(Root, "artifacts", path), $"publish it with {verb}");

    private static string Existing(string path, string remedy) =>
        File.Exists(path) ? path : throw new ProgramException($"{path} is not there: {remedy}.");
}
