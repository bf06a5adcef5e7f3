using System.CommandLine;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary><c>dirkernels convert</c>: a table of any length as a data file, which is read faster, and in parts.</summary>
internal static class ConvertCommand
{
    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var file = new Argument<string>("FILE") { Description = "A .csv, .tsv or .npy table, plain or gzip-compressed, or a data file; - for standard input." };
        var target = new Option<string>("--out") { Description = $"Write the data file here; its name usually ends in {DataFile.Extension}.", HelpName = "FILE", Required = true };
        var text = new Option<string?>("--text") { Description = "Columns that are text whatever their first values look like.", HelpName = "COLUMN,..." };
        var without = new Option<string?>("--without") { Description = "Columns to leave out.", HelpName = "COLUMN,..." };
        var missing = new MissingValuesOption();
        var command = new Command(
            "convert", "Writes a table as a data file, which all commands read, faster, and from which train needs not have all rows in memory. The first rows decide which columns hold text.")
        {
            file, target, text, without, missing.Option,
        };
        command.SetAction(parsed =>
        {
            string source = parsed.GetValue(file)!, path = parsed.GetValue(target)!;
            if (path.Length == 0)
            {
                throw new ArgumentException("--out: the name of the file is empty");
            }

            if (source != TableFile.StandardInput && Path.GetFullPath(path) == Path.GetFullPath(source))
            {
                throw new ArgumentException($"--out: {path} is the table that is read");
            }

            var options = new TableOptions { Missing = missing.Read(parsed) ?? MissingValues.Error, TextColumns = Names(parsed.GetValue(text)) };
            string[] dropped = Names(parsed.GetValue(without));
            AtomicFile.ThrowIfNotWritable(path);
            using var conversion = TableConversion.Open(source, options, dropped, streams.Input, cancellation);
            AtomicFile.Write(path, stream => conversion.Write(stream, cancellation));
            streams.Output.WriteLine(FormattableString.Invariant(
                $"wrote {path}: {conversion.Rows} rows of {conversion.Columns} columns, {new FileInfo(path).Length / 1e6:F1} MB"));
            return ExitCode.Success;
        });
        return command;
    }

    private static string[] Names(string? list) => list is null ? [] : [.. list.Split(',').Select(name => name.Trim()).Where(name => name.Length > 0)];
}
