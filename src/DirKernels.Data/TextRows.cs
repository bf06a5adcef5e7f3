using System.Text;
using CsvHelper;

namespace DirKernels.Data;

/// <summary>A table of text while it is read: its header, then as many rows at a time as are asked for.</summary>
internal sealed class TextRows
{
    private readonly TableOptions _options;
    private readonly CsvReaderOptions _readerOptions;
    private readonly LineBlocks _blocks;
    private readonly string[] _names;
    private readonly HashSet<string>? _kept;
    private readonly HashSet<string> _texts;
    private readonly HashSet<string> _numbers;
    private readonly bool _learnsKinds;
    private bool _hasRows;

    /// <summary>Reads the header.</summary>
    /// <param name="text">UTF-8, or what its mark says, expanded; left open.</param>
    /// <param name="name">Name of the source for messages.</param>
    /// <param name="options">What to read.</param>
    /// <param name="learnsKinds">Whether columns keep the kind that the first rows gave them, of those without a value there that of numbers.</param>
    /// <exception cref="InvalidDataException">The header is none.</exception>
    public TextRows(Stream text, string name, TableOptions options, bool learnsKinds = false)
    {
        _learnsKinds = learnsKinds;
        _kept = options.Columns?.ToHashSet(StringComparer.Ordinal);
        _texts = options.TextColumns?.ToHashSet(StringComparer.Ordinal) ?? [];
        _numbers = options.NumericColumns?.ToHashSet(StringComparer.Ordinal) ?? [];
        Name = name;
        _options = options;
        Delimiter = options.Delimiter ?? (IsTabSeparated(name) ? '\t' : ',');
        _readerOptions = new CsvReaderOptions
        {
            Separator = Delimiter,
            Mode = Delimiter == '\t' ? CsvMode.NoEscape : CsvMode.Rfc4180,
            MalformedData = CsvMalformedDataHandling.Throw,
            TrackLineNumbers = true,
            HasHeader = false,
        };
        _blocks = new LineBlocks(ToUtf8(text), name, new RecordEnds((byte)Delimiter, quoted: Delimiter != '\t'));
        using LineBlock header = NextBlock(1) ?? throw new InvalidDataException($"{name}: the file is empty");
        try
        {
            using var reader = CsvReader.Create(header.Text, _readerOptions with { HasHeader = true });
            _names = ReadHeader(reader, name);
        }
        catch (CsvFormatException malformed)
        {
            throw Malformed(malformed, header.FirstLine - 1);
        }
    }

    /// <summary>Name of the source.</summary>
    public string Name { get; }

    /// <summary>What separates fields.</summary>
    public char Delimiter { get; }

    /// <summary>Columns of the source.</summary>
    public int ColumnCount => _names.Length;

    /// <summary>Reads the next rows.</summary>
    /// <param name="most">At most so many, at least 1; fewer only at the end.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The rows with their own numbers in the source; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">A row is malformed, there is none at all, or all values of a column are missing whose kind is not known.</exception>
    public Table? ReadRows(int most, CancellationToken cancellation)
    {
        TextPart? part = null;
        while (part is null || part.RowCount < most)
        {
            using LineBlock? block = ReadBlock(most - (part?.RowCount ?? 0), cancellation);
            if (block is null)
            {
                break;
            }

            part ??= StartPart(block.FirstLine);
            part.Add(block);
        }

        return part?.Finish();
    }

    /// <summary>Reads the next rows without parsing them; as few as the source has ready.</summary>
    /// <param name="most">At most so many, at least 1.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>At least one row; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">There is no row at all, or one is too long.</exception>
    public LineBlock? ReadBlock(int most, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        LineBlock? block = NextBlock(most);
        if (block is null && !_hasRows)
        {
            throw new InvalidDataException($"{Name}: there is a header but no rows");
        }

        _hasRows = true;
        return block;
    }

    /// <summary>Columns for rows from a line on.</summary>
    public TextPart StartPart(long firstLine)
    {
        var columns = new List<ColumnInProgress>(_names.Length);
        for (int i = 0; i < _names.Length; i++)
        {
            if (_kept is null || _kept.Contains(_names[i]))
            {
                columns.Add(new ColumnInProgress(_names[i], i, _options.Missing, _texts.Contains(_names[i]), _numbers.Contains(_names[i])));
            }
        }

        return columns.Count > 0
            ? new TextPart(this, [.. columns], firstLine)
            : throw new InvalidDataException(UnknownColumn.Message(Name, _names, _kept!.FirstOrDefault() ?? ""));
    }

    /// <summary>A reader of records without a header.</summary>
    public CsvReader OpenRecords(ReadOnlyMemory<byte> records) => CsvReader.Create(records, _readerOptions);

    /// <summary>The rows of finished columns, whose kinds are learnt if they are to be.</summary>
    public Table ToTable(TableColumn[] columns, int firstLine, long[]? rowNumbers)
    {
        if (_learnsKinds)
        {
            foreach (TableColumn column in columns)
            {
                (column is TextColumn ? _texts : _numbers).Add(column.Name);
            }
        }

        return new Table(Name, columns, _names, firstLine, rowNumbers);
    }

    /// <summary>A column without any value.</summary>
    public NumericColumn Undecided(string column, int rows)
    {
        if (!_learnsKinds)
        {
            throw new InvalidDataException($"{Name}: column '{column}': all {rows} values are missing");
        }

        var values = new double[rows];
        Array.Fill(values, double.NaN);
        return new NumericColumn(column, values);
    }

    /// <summary>What is wrong with a record, by its line in the source.</summary>
    /// <param name="malformed">What the reader found; the places that it names are those of its own input.</param>
    /// <param name="linesAbove">Lines of the source above that input.</param>
    public InvalidDataException Malformed(CsvFormatException malformed, long linesAbove)
    {
        string what = malformed.Message;
        int place = what.IndexOf("): ", StringComparison.Ordinal), offset = what.LastIndexOf(" (byte offset ", StringComparison.Ordinal);
        what = place >= 0 && offset > place ? what[(place + 3)..offset] : what;
        return new InvalidDataException($"{Name}: row {linesAbove + malformed.LineNumber}: {what}", malformed);
    }

    private LineBlock? NextBlock(int most)
    {
        while (_blocks.Next(most) is { } block)
        {
            if (!block.IsBlank)
            {
                return block;
            }

            block.Dispose();
        }

        return null;
    }

    /// <summary>The text in UTF-8: itself unless it begins with the mark of another encoding.</summary>
    private static Stream ToUtf8(Stream text)
    {
        var start = new byte[4];
        int read = text.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start[..read], text);
        Encoding[] wide = [Encoding.UTF32, Encoding.Unicode, Encoding.BigEndianUnicode];
        Encoding? encoding = wide.FirstOrDefault(wide => start.AsSpan(0, read).StartsWith(wide.Preamble));
        return encoding is null ? whole : Encoding.CreateTranscodingStream(whole, encoding, Encoding.UTF8, leaveOpen: true);
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

    private static bool IsTabSeparated(string name) =>
        name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tsv.gz", StringComparison.OrdinalIgnoreCase);
}
