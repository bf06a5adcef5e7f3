namespace DirKernels.Data;

/// <summary>Writes a table of any length as a data file, block by block.</summary>
public sealed class TableConversion : IDisposable
{
    private readonly TableStream _source;
    private readonly HashSet<string> _without;
    private readonly Table _first;

    private TableConversion(TableStream source, HashSet<string> without, Table first)
    {
        _source = source;
        _without = without;
        _first = first;
    }

    /// <summary>Rows that were written.</summary>
    public long Rows { get; private set; }

    /// <summary>Columns that are written.</summary>
    public int Columns => Kept(_first).Columns.Count;

    /// <summary>Opens a table and reads its first rows, which decide what its columns hold.</summary>
    /// <param name="path">A table in any format, or <see cref="TableFile.StandardInput"/>.</param>
    /// <param name="options">Missing values, and columns that hold text or numbers whatever their first rows say.</param>
    /// <param name="without">Columns to leave out.</param>
    /// <param name="standardInput">Stands in for the process's standard input; null for the real one.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">It is no table, a row is malformed, or there is no such column to leave out; the message names it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TableConversion Open(
        string path, TableOptions options, IReadOnlyCollection<string> without, Stream? standardInput = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(without);
        var source = TableStream.OpenUnknown(path, options, standardInput, cancellation);
        try
        {
            Table first = source.Read(RowsAtOnce(source), cancellation)!;
            string? absent = without.Concat(options.TextColumns ?? []).FirstOrDefault(name => !first.TryGetColumn(name, out _));
            return absent is null
                ? new TableConversion(source, without.ToHashSet(StringComparer.Ordinal), first)
                : throw new InvalidDataException(UnknownColumn.Message(first.Name, first.SourceColumnNames, absent));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Writes all rows; call once.</summary>
    /// <param name="stream">Receives the data file.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InvalidDataException">A row is malformed, or no column is left; the message names it.</exception>
    public void Write(Stream stream, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Table first = Kept(_first);
        var writer = new DataFileWriter(stream, [.. first.Columns.Select(column => (column.Name, column is TextColumn))]);
        int rows = RowsAtOnce(_source);
        for (Table? part = first; part is not null; part = _source.Read(rows, cancellation) is { } next ? Kept(next) : null)
        {
            // Arrays come whole, blocks of a data file as they were.
            int most = Math.Min(rows, DataFileFormat.MostRowsPerBlock);
            for (int at = 0; at < part.RowCount; at += most)
            {
                writer.Add(part.RowCount <= most ? part : Slice(part, at, Math.Min(most, part.RowCount - at)));
            }

            Rows += part.RowCount;
        }

        writer.Finish();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static int RowsAtOnce(TableStream source) => DataFileWriter.RowsPerBlock(source.ColumnCount);

    private static Table Slice(Table part, int first, int rows) => new(part.Name, [.. part.Columns.Select(column => Slice(column, first, rows))]);

    private static TableColumn Slice(TableColumn column, int first, int rows) => column is TextColumn text
        ? new TextColumn(text.Name, text.Codes[first..(first + rows)], text.Categories)
        : new NumericColumn(column.Name, ((NumericColumn)column).Values[first..(first + rows)]);

    private Table Kept(Table part)
    {
        if (_without.Count == 0)
        {
            return part;
        }

        TableColumn[] kept = [.. part.Columns.Where(column => !_without.Contains(column.Name))];
        return kept.Length > 0 ? new Table(part.Name, kept) : throw new InvalidDataException($"{part.Name}: no column is left");
    }
}
