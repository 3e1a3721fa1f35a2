using Spectre.Console;

namespace Stevedore.Demo.Show;

/// <summary>A folder as a tree: links with where they lead, files with their size.</summary>
internal static class FolderTree
{
    public static Tree Of(Stage stage, string folder, string title)
    {
        var tree = new Tree(new Markup($"[bold]{Markup.Escape(title)}[/]")) { Style = new Style(Color.Grey) };
        Fill(stage, tree, new DirectoryInfo(folder));
        return tree;
    }

    private static void Fill(Stage stage, IHasTreeNodes parent, DirectoryInfo folder)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = Markup.Escape(stage.Brief(entry.Name));
            if (entry.LinkTarget is { } target)
            {
                var leads = File.Exists(entry.FullName) || Directory.Exists(entry.FullName);
                parent.AddNode($"[aqua]{name}[/] [grey]→[/] {(leads ? "" : "[red]")}{Markup.Escape(stage.Brief(target))}{(leads ? "" : " (dangling)[/]")}");
            }
            else if (entry is FileInfo file)
            {
                parent.AddNode($"{name} [grey]{Bytes.Text(file.Length)}[/]");
            }
            else
            {
                Fill(stage, parent.AddNode($"[blue]{name}/[/]"), (DirectoryInfo)entry);
            }
        }
    }
}
