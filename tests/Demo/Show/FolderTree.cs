using Spectre.Console;

namespace Stevedore.Demo.Show;

/// <summary>A folder as a tree: links with where they lead, files with their size.</summary>
internal static class FolderTree
{
    // What the tree draws before a name, for each level.
    private const int GuideWidth = 4;
    private const string Arrow = " → ";

    public static Tree Of(Stage stage, string folder, string title)
    {
        var tree = new Tree(new Markup($"[bold]{Markup.Escape(title)}[/]")) { Style = new Style(Color.Grey) };
        Fill(stage, tree, new DirectoryInfo(folder), 1);
        return tree;
    }

    private static void Fill(Stage stage, IHasTreeNodes parent, DirectoryInfo folder, int level)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = stage.Brief(entry.Name);
            if (entry.LinkTarget is { } target)
            {
                var leads = File.Exists(entry.FullName) || Directory.Exists(entry.FullName);
                var end = Folding.Path(stage.Brief(target), stage.Width - (level * GuideWidth) - name.Length - Arrow.Length);
                var colour = leads ? "aqua" : "red";
                parent.AddNode($"[{colour}]{Markup.Escape(name)}[/][grey]{Arrow}[/]{Markup.Escape(end)}{(leads ? "" : " [red](leads nowhere)[/]")}");
            }
            else if (entry is FileInfo file)
            {
                parent.AddNode(Markup.FromInterpolated($"{name} [grey]{Bytes.Text(file.Length)}[/]"));
            }
            else
            {
                Fill(stage, parent.AddNode(Markup.FromInterpolated($"[blue]{name}/[/]")), (DirectoryInfo)entry, level + 1);
            }
        }
    }
}
