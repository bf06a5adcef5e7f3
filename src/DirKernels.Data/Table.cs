using System.Diagnostics.CodeAnalysis;

namespace DirKernels.Data;

/// <summary>Named columns of equal length N with the name of their source, which messages about them carry.</summary>
/// <remarks>Immutable in shape and thread-safe for reading; the arrays of the columns are shared, not copied.</remarks>
public sealed class Table
{
    private readonly Dictionary<string, TableColumn> _byName;
    private readonly int _firstRowNumber;
    private readonly long[]? _rowNumbers;

    /// <summary>A table from columns in memory; its rows are numbered from 1.</summary>
    /// <param name="name">Name of the source, for messages.</param>
    /// <param name="columns">At least one column with at least one row, all of the same length, with different names.</param>
    /// <exception cref="ArgumentException">No columns or rows, lengths differ, or a name occurs twice.</exception>
    public Table(string name, IReadOnlyList<TableColumn> columns)
        : this(name, columns, null, 1, null)
    {
    }

    /// <param name="name">Name of the source.</param>
    /// <param name="columns">The columns that were kept.</param>
    /// <param name="sourceColumnNames">The names of all columns of the source; null: of those kept.</param>
    /// <param name="firstRowNumber">Number of row 0 in the source, 2 when a header line precedes it.</param>
    /// <param name="rowNumbers">Numbers of all rows where they do not follow each other (line breaks in quotes, empty lines), otherwise null.</param>
    internal Table(string name, IReadOnlyList<TableColumn> columns, IReadOnlyList<string>? sourceColumnNames, int firstRowNumber, long[]? rowNumbers)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(columns);
        _byName = new Dictionary<string, TableColumn>(columns.Count, StringComparer.Ordinal);
        foreach (TableColumn column in columns)
        {
            if (column.RowCount != columns[0].RowCount)
            {
                throw new ArgumentException($"{name}: column '{column.Name}' has {column.RowCount} rows but '{columns[0].Name}' has {columns[0].RowCount}", nameof(columns));
            }

            if (!_byName.TryAdd(column.Name, column))
            {
                throw new ArgumentException($"{name}: there are two columns named '{column.Name}'", nameof(columns));
            }
        }

        Name = name;
        Columns = columns;
        SourceColumnNames = sourceColumnNames ?? [.. columns.Select(column => column.Name)];
        RowCount = columns.Count > 0 ? columns[0].RowCount : 0;
        if (RowCount == 0)
        {
            throw new ArgumentException($"{name}: a table needs at least one column and one row", nameof(columns));
        }

        _firstRowNumber = firstRowNumber;
        _rowNumbers = rowNumbers;
    }

    /// <summary>Name of the source: a path, <c>standard input</c>, or what the caller said.</summary>
    public string Name { get; }

    /// <summary>The columns, in the order of the source.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Names of all columns of the source, also of those that were not kept (<see cref="TableOptions.Columns"/>).</summary>
    public IReadOnlyList<string> SourceColumnNames { get; }

    /// <summary>Number of rows N.</summary>
    public int RowCount { get; }

    /// <summary>Where a row stands in its source, for messages: its line, counted from 1 with the header as line 1; without a header, the row counted from 1.</summary>
    public long RowNumber(int row) => _rowNumbers is null ? row + (long)_firstRowNumber : _rowNumbers[row];

    /// <summary>Whether the table has the column.</summary>
    public bool TryGetColumn(string name, [NotNullWhen(true)] out TableColumn? column) => _byName.TryGetValue(name, out column);

    /// <summary>The column of that name.</summary>
    /// <exception cref="InvalidDataException">There is none; the message lists the names that there are, the most similar one first.</exception>
    public TableColumn Column(string name) =>
        _byName.TryGetValue(name, out TableColumn? column) ? column : throw new InvalidDataException(UnknownColumn.Message(Name, SourceColumnNames, name));

    /// <summary>The numeric column of that name.</summary>
    /// <exception cref="InvalidDataException">There is none, or it holds text.</exception>
    public NumericColumn NumericColumn(string name) => Column(name) switch
    {
        NumericColumn numeric => numeric,
        TextColumn text => throw Error(0, name, $"'{text.Categories[text.Codes[0]]}' is text, but the column must be numeric"),
        _ => throw new InvalidOperationException($"column '{name}' is neither numeric nor text"),
    };

    /// <summary>The labels: a numeric column without missing values.</summary>
    /// <exception cref="InvalidDataException">There is no such column, it holds text, or a value is missing or not finite; the message names the row.</exception>
    public double[] Labels(string target)
    {
        double[] labels = NumericColumn(target).Values;
        for (int row = 0; row < labels.Length; row++)
        {
            if (!double.IsFinite(labels[row]))
            {
                throw Error(row, target, double.IsNaN(labels[row]) ? "the label is missing" : $"the label {labels[row]} is not a finite number");
            }
        }

        return labels;
    }

    /// <summary>An error about one value: <c>NAME: row 17, column 'x': WHAT</c>.</summary>
    internal InvalidDataException Error(int row, string column, string what) =>
        new($"{Name}: row {RowNumber(row)}, column '{column}': {what}");
}
