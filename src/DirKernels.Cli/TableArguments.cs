using System.CommandLine;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>The arguments about a labelled table that commands share: the file, its target and its split column.</summary>
/// <param name="optional">Whether the command can do without a table.</param>
internal sealed class TableArguments(bool optional = false)
{
    private const string NoSplit = "none";

    private readonly Argument<string> _file = new("FILE")
    {
        Description = "A .csv, .tsv or .npy table, plain or gzip-compressed, or a data file; - for standard input.",
        Arity = optional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
    };

    private readonly Option<string> _target = new("--target") { Description = "The label column.", HelpName = "COLUMN", Required = !optional };

    private readonly Option<string?> _split = new("--split")
    {
        Description = "The column that says train, val or test; by default 'split' when there is one. none: there is no split.",
        HelpName = "COLUMN",
    };

    /// <summary>Makes the arguments part of a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_target);
        command.Add(_split);
    }

    /// <summary>Whether a table is named.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_file) is not null;

    /// <summary>Whether a target is named.</summary>
    public bool HasTarget(ParseResult parsed) => parsed.GetValue(_target) is not null;

    /// <summary>The file.</summary>
    public string File(ParseResult parsed) => parsed.GetValue(_file)!;

    /// <summary>The label column.</summary>
    public string Target(ParseResult parsed) => parsed.GetValue(_target)!;

    /// <summary>The columns that must be read to know labels and split.</summary>
    public IReadOnlyCollection<string> LabelColumns(ParseResult parsed) => [Target(parsed), parsed.GetValue(_split) ?? DataSplit.DefaultColumn];

    /// <summary>The split that the table says, or null when it says none.</summary>
    /// <exception cref="InvalidDataException">The column named by the user is absent, or a value is no part of a split.</exception>
    public DataSplit? Split(ParseResult parsed, Table table) =>
        SplitColumn(parsed, name => table.TryGetColumn(name, out _)) is { } column ? DataSplit.FromColumn(table, column) : null;

    /// <summary>The column that says the split, or null when none does; one that the user named need not exist.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="exists">Whether the table has a column.</param>
    public string? SplitColumn(ParseResult parsed, Predicate<string> exists)
    {
        string? chosen = parsed.GetValue(_split);
        string column = chosen ?? DataSplit.DefaultColumn;
        bool absent = chosen == NoSplit || (chosen is null && (!exists(column) || column == Target(parsed)));
        return absent ? null : column;
    }
}
