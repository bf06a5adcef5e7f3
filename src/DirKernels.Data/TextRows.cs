using System.Runtime.CompilerServices;
using CsvHelper;

namespace DirKernels.Data;

/// <summary>A table of text while it is read: its header, then as many rows at a time as are asked for.</summary>
internal sealed class TextRows : IDisposable
{
    /// <summary>Guards against an unclosed quote that swallows the file.</summary>
    private const int LargestRecord = 64 << 20;

    private const int RowsBetweenCancellationChecks = 4096;

    private readonly string _name;
    private readonly TableOptions _options;
    private readonly char _delimiter;
    private readonly CsvReader _reader;
    private readonly string[] _names;
    private readonly HashSet<string> _texts;
    private readonly HashSet<string> _numbers;
    private readonly bool _learnsKinds;
    private long _rowsRead;
    private long _lastLine = RowNumbers.First - 1;

    /// <summary>Reads the header.</summary>
    /// <param name="text">UTF-8, expanded; left open.</param>
    /// <param name="name">Name of the source for messages.</param>
    /// <param name="options">What to read.</param>
    /// <param name="learnsKinds">Whether columns keep the kind that the first rows gave them, of those without a value there that of numbers.</param>
    /// <exception cref="InvalidDataException">The header is none.</exception>
    public TextRows(Stream text, string name, TableOptions options, bool learnsKinds = false)
    {
        _learnsKinds = learnsKinds;
        _texts = options.TextColumns?.ToHashSet(StringComparer.Ordinal) ?? [];
        _numbers = options.NumericColumns?.ToHashSet(StringComparer.Ordinal) ?? [];
        _name = name;
        _options = options;
        _delimiter = options.Delimiter ?? (IsTabSeparated(name) ? '\t' : ',');
        var readerOptions = new CsvReaderOptions
        {
            Separator = _delimiter,
            Mode = _delimiter == '\t' ? CsvMode.NoEscape : CsvMode.Rfc4180,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LargestRecord,
            TrackLineNumbers = true,
            BufferSize = 1 << 18,
        };
        try
        {
            _reader = CsvReader.Create(text, readerOptions, leaveOpen: true);
            _names = ReadHeader(_reader, name);
        }
        catch (CsvFormatException malformed)
        {
            throw Malformed(malformed);
        }
    }

    /// <summary>Columns of the source.</summary>
    public int ColumnCount => _names.Length;

    /// <summary>Reads the next rows.</summary>
    /// <param name="most">At most so many, at least 1.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The rows with their own numbers in the source; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">A row is malformed, there is none at all, or all values of a column are missing whose kind is not known.</exception>
    public Table? ReadRows(int most, CancellationToken cancellation)
    {
        try
        {
            return Read(most, cancellation);
        }
        catch (CsvFormatException malformed)
        {
            throw Malformed(malformed);
        }
    }

    public void Dispose() => _reader.Dispose();

    private Table? Read(int most, CancellationToken cancellation)
    {
        ColumnInProgress[] columns = SelectColumns();
        int first = checked((int)Math.Min(_lastLine + 1, int.MaxValue));
        var rowNumbers = new RowNumbers(first);
        int rows = 0;
        while (rows < most && _reader.Read())
        {
            if (rows % RowsBetweenCancellationChecks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (_reader.FieldCount != _names.Length)
            {
                throw new InvalidDataException($"{_name}: row {_reader.LineNumber}: {_reader.FieldCount} fields, but the header has {_names.Length}");
            }

            _lastLine = _reader.LineNumber;
            rowNumbers.Add(_lastLine);
            AddRow(_reader, columns, _delimiter, _name);
            rows++;
        }

        _rowsRead += rows;
        if (rows == 0)
        {
            return _rowsRead > 0 ? null : throw new InvalidDataException($"{_name}: there is a header but no rows");
        }

        var finished = new TableColumn[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            finished[i] = columns[i].Finish() ?? Undecided(columns[i].Name, rows);
            if (_learnsKinds)
            {
                (finished[i] is TextColumn ? _texts : _numbers).Add(finished[i].Name);
            }

            columns[i] = null!; // its chunks are garbage now, before the next column is copied
        }

        return new Table(_name, finished, _names, first, rowNumbers.ToArray());
    }

    // Compiled once, at full speed: in a short run most rows are read before tiered compilation would get round to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(CsvReader reader, ColumnInProgress[] columns, char delimiter, string name)
    {
        // The parser's own number format allows digit groups: "1,5" would be 15. Only a quoted field can hold a comma when commas separate.
        bool careful = reader.RawRecord.Contains(delimiter == ',' ? (byte)'"' : (byte)',');
        foreach (ColumnInProgress column in columns)
        {
            if (!careful && column.Numbers is { } numbers && reader.TryParse(column.Index, out double value) && double.IsFinite(value))
            {
                numbers.Add(value);
            }
            else if (column.Add(reader.GetSpan(column.Index)) is { } problem)
            {
                throw new InvalidDataException($"{name}: row {reader.LineNumber}, column '{column.Name}': {problem}");
            }
        }
    }

    private static string[] ReadHeader(CsvReader reader, string name)
    {
        string[] names = [.. reader.Headers.Select(header => header.Trim().ReplaceLineEndings(" "))];
        if (names.Length == 0)
        {
            throw new InvalidDataException($"{name}: the file is empty");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Contains('\0'))
            {
                throw new InvalidDataException($"{name}: row 1: this is not a text file");
            }

            if (names[i].Length == 0)
            {
                throw new InvalidDataException($"{name}: row 1: column {i + 1} has no name");
            }

            if (!seen.Add(names[i]))
            {
                throw new InvalidDataException($"{name}: row 1: there are two columns named '{names[i]}'");
            }
        }

        return names;
    }

    private ColumnInProgress[] SelectColumns()
    {
        HashSet<string>? kept = _options.Columns?.ToHashSet(StringComparer.Ordinal);
        var columns = new List<ColumnInProgress>(_names.Length);
        for (int i = 0; i < _names.Length; i++)
        {
            if (kept is null || kept.Contains(_names[i]))
            {
                columns.Add(new ColumnInProgress(_names[i], i, _options.Missing, _texts.Contains(_names[i]), _numbers.Contains(_names[i])));
            }
        }

        return columns.Count > 0 ? [.. columns] : throw new InvalidDataException(UnknownColumn.Message(_name, _names, kept!.FirstOrDefault() ?? ""));
    }

    private NumericColumn Undecided(string column, int rows)
    {
        if (!_learnsKinds)
        {
            throw new InvalidDataException($"{_name}: column '{column}': all {rows} values are missing");
        }

        var values = new double[rows];
        Array.Fill(values, double.NaN);
        return new NumericColumn(column, values);
    }

    private static bool IsTabSeparated(string name) =>
        name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tsv.gz", StringComparison.OrdinalIgnoreCase);

    private InvalidDataException Malformed(CsvFormatException malformed) => new($"{_name}: row {malformed.LineNumber}: {malformed.Message}", malformed);
}
