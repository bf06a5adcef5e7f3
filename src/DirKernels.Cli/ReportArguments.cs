using System.CommandLine;
using System.Text;

namespace DirKernels.Cli;

/// <summary>The options about reports that commands share, and the writing of the files they name.</summary>
internal sealed class ReportArguments
{
    private readonly Option<string?> _report = new("--report") { Description = "Write a report with figures and tables: one HTML file.", HelpName = "FILE" };

    private readonly Option<string?> _plots = new("--plots") { Description = "Write each figure as an SVG file into this folder, which is made when it is absent.", HelpName = "DIR" };

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_report);
        command.Add(_plots);
    }

    /// <summary>Whether figures are wanted.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_report) is not null || parsed.GetValue(_plots) is not null;

    /// <summary>Throws what writing would throw for lack of folder or permission, before the work whose result is to be written.</summary>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public void ThrowIfNotWritable(ParseResult parsed)
    {
        if (parsed.GetValue(_report) is "" || parsed.GetValue(_plots) is "")
        {
            throw new ArgumentException("--report, --plots: the name is empty");
        }

        if (parsed.GetValue(_report) is { } report)
        {
            AtomicFile.ThrowIfNotWritable(report);
        }

        if (parsed.GetValue(_plots) is { } folder && Path.GetDirectoryName(Path.GetFullPath(folder)) is { } parent && !Directory.Exists(parent))
        {
            throw new DirectoryNotFoundException($"{folder}: the folder above it does not exist");
        }
    }

    /// <summary>Writes what the options name.</summary>
    public void Write(ParseResult parsed, ReportPage page)
    {
        if (parsed.GetValue(_report) is { } report)
        {
            WriteText(report, page.ToHtml());
        }

        if (parsed.GetValue(_plots) is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach (Figure figure in page.Figures)
            {
                WriteText(Path.Combine(folder, figure.Id + ".svg"), figure.ToSvg());
            }
        }
    }

    private static void WriteText(string file, string text) => AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
