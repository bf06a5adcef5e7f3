using System.Runtime.CompilerServices;
using CsvHelper;

namespace DirKernels.Data;

/// <summary>Reads tables of comma- or tab-separated text, plain or gzip-compressed, in one pass on one thread.</summary>
/// <remarks>
/// UTF-8 (a byte order mark is fine), a header row, lines ending in <c>\n</c> or <c>\r\n</c>, empty lines skipped. With commas, fields may be quoted
/// (RFC 4180); with tabs, quotes are ordinary characters. A column's first value that is not missing decides what it is: numeric when it parses as
/// a finite number in the invariant culture (no digit groups), otherwise text; a later text or non-finite value in a numeric column is an error.
/// Missing values: see <see cref="MissingValues"/>. Spaces around values and names do not count; a line break in a name becomes a space.
/// </remarks>
public static class TableReader
{
    /// <summary>Guards against an unclosed quote that swallows the file.</summary>
    private const int LargestRecord = 64 << 20;

    private const int RowsBetweenCancellationChecks = 4096;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; its content, not its name, tells whether it is compressed.</param>
    /// <param name="options">Null for <see cref="TableOptions.Default"/>.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">The content is not such a table; the message names the file, the row and the column.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Table Read(string path, TableOptions? options = null, CancellationToken cancellation = default)
    {
        // Both the decompressor and the parser read in large blocks, so that a buffer here would only copy.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Read(file, path, options, cancellation);
    }

    /// <summary>Reads a stream, from its present position to its end; leaves it open.</summary>
    /// <param name="stream">The text, plain or compressed; need not be seekable.</param>
    /// <param name="name">Name of the source for messages; when it ends in <c>.tsv</c> or <c>.tsv.gz</c>, fields are separated by tabs.</param>
    /// <param name="options">Null for <see cref="TableOptions.Default"/>.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">The content is not such a table; the message names the source, the row and the column.</exception>
    public static Table Read(Stream stream, string name, TableOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using var expanded = new ExpandedStream(stream, name);
        return ReadText(expanded, name, options, cancellation);
    }

    /// <summary>Reads text that is expanded already; otherwise as <see cref="Read(Stream, string, TableOptions?, CancellationToken)"/>.</summary>
    internal static Table ReadText(Stream text, string name, TableOptions? options, CancellationToken cancellation)
    {
        options ??= TableOptions.Default;
        char delimiter = options.Delimiter ?? (IsTabSeparated(name) ? '\t' : ',');
        var readerOptions = new CsvReaderOptions
        {
            Separator = delimiter,
            Mode = delimiter == '\t' ? CsvMode.NoEscape : CsvMode.Rfc4180,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LargestRecord,
            TrackLineNumbers = true,
            BufferSize = 1 << 18,
        };
        using CsvReader reader = CsvReader.Create(text, readerOptions, leaveOpen: true);
        try
        {
            return Read(reader, name, options, delimiter, cancellation);
        }
        catch (CsvFormatException malformed)
        {
            throw new InvalidDataException($"{name}: row {malformed.LineNumber}: {malformed.Message}", malformed);
        }
    }

    private static Table Read(CsvReader reader, string name, TableOptions options, char delimiter, CancellationToken cancellation)
    {
        string[] names = ReadHeader(reader, name);
        ColumnInProgress[] columns = SelectColumns(names, name, options);
        var rowNumbers = new RowNumbers();
        int rows = 0;
        while (reader.Read())
        {
            if (rows % RowsBetweenCancellationChecks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (reader.FieldCount != names.Length)
            {
                throw new InvalidDataException($"{name}: row {reader.LineNumber}: {reader.FieldCount} fields, but the header has {names.Length}");
            }

            rowNumbers.Add(reader.LineNumber);
            AddRow(reader, columns, delimiter, name);
            rows++;
        }

        if (rows == 0)
        {
            throw new InvalidDataException($"{name}: there is a header but no rows");
        }

        var finished = new TableColumn[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            finished[i] = columns[i].Finish() ?? throw new InvalidDataException($"{name}: column '{columns[i].Name}': all {rows} values are missing");
            columns[i] = null!; // its chunks are garbage now, before the next column is copied
        }

        return new Table(name, finished, names, RowNumbers.First, rowNumbers.ToArray());
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

    private static ColumnInProgress[] SelectColumns(string[] names, string name, TableOptions options)
    {
        HashSet<string>? kept = options.Columns?.ToHashSet(StringComparer.Ordinal);
        HashSet<string> texts = options.TextColumns?.ToHashSet(StringComparer.Ordinal) ?? [];
        HashSet<string> numbers = options.NumericColumns?.ToHashSet(StringComparer.Ordinal) ?? [];
        var columns = new List<ColumnInProgress>(names.Length);
        for (int i = 0; i < names.Length; i++)
        {
            if (kept is null || kept.Contains(names[i]))
            {
                columns.Add(new ColumnInProgress(names[i], i, options.Missing, texts.Contains(names[i]), numbers.Contains(names[i])));
            }
        }

        return columns.Count > 0 ? [.. columns] : throw new InvalidDataException(UnknownColumn.Message(name, names, kept!.FirstOrDefault() ?? ""));
    }

    private static bool IsTabSeparated(string name) =>
        name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tsv.gz", StringComparison.OrdinalIgnoreCase);
}
