namespace DirKernels.Data;

/// <summary>Reads a table some rows at a time, so that a source of any length takes bounded memory. Not thread-safe.</summary>
/// <remarks>
/// The kinds of all columns that are read must be known from the options, or are those of the first part: one part cannot know what a later one holds. Text in
/// all formats of <see cref="TableReader"/>; data files come block by block, arrays of <see cref="NumpyArray"/> whole, as one part.
/// </remarks>
public sealed class TableStream : IDisposable
{
    private readonly Stream? _owned;
    private readonly ExpandedStream? _expanded;
    private readonly TextRows? _text;
    private readonly DataFile? _data;
    private readonly TableOptions _options;
    private Table? _array;
    private int _block;

    private TableStream(DataFile data, TableOptions options)
    {
        _data = data;
        _options = options;
    }

    private TableStream(Stream source, bool owns, string name, TableOptions options, bool learnsKinds, CancellationToken cancellation)
    {
        _options = options;
        _owned = owns ? source : null;
        _expanded = new ExpandedStream(source, name);
        if (TableFile.Sniff(_expanded, name, out PrefixedStream content))
        {
            _array = NumpyArray.Read(content, name, options, cancellation);
        }
        else
        {
            _text = new TextRows(content, name, options, learnsKinds);
        }
    }

    /// <summary>Opens a file or standard input and reads the header.</summary>
    /// <param name="path">A file, or <see cref="TableFile.StandardInput"/>.</param>
    /// <param name="options">What to read: <see cref="TableOptions.Columns"/>, each of them in <see cref="TableOptions.TextColumns"/> or <see cref="TableOptions.NumericColumns"/>.</param>
    /// <param name="standardInput">Stands in for the process's standard input, and is left open; null for the real one.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ArgumentException">A column's kind is not known.</exception>
    /// <exception cref="InvalidDataException">The content does not start like a table; the message names the file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TableStream Open(string path, TableOptions options, Stream? standardInput = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        string? unknown = (options.Columns ?? throw new ArgumentException("a stream of rows needs the names of its columns")).FirstOrDefault(
            column => options.TextColumns?.Contains(column, StringComparer.Ordinal) != true && options.NumericColumns?.Contains(column, StringComparer.Ordinal) != true);
        if (unknown is not null)
        {
            throw new ArgumentException($"a stream of rows needs to know whether column '{unknown}' is numeric or text");
        }

        return Open(path, options, learnsKinds: false, standardInput, cancellation);
    }

    /// <summary>Opens a table of which nothing is known: its first rows decide what columns are, and a column without a value there holds numbers.</summary>
    /// <param name="path">A file, or <see cref="TableFile.StandardInput"/>.</param>
    /// <param name="options">What to read; kinds that it names count.</param>
    /// <param name="standardInput">Stands in for the process's standard input, and is left open; null for the real one.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">The content does not start like a table; the message names the file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TableStream OpenUnknown(string path, TableOptions options, Stream? standardInput = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        return Open(path, options, learnsKinds: true, standardInput, cancellation);
    }

    private static TableStream Open(string path, TableOptions options, bool learnsKinds, Stream? standardInput, CancellationToken cancellation)
    {
        if (path == TableFile.StandardInput)
        {
            return new TableStream(standardInput ?? Console.OpenStandardInput(), owns: standardInput is null, "standard input", options, learnsKinds, cancellation);
        }

        FileStream file = TableFile.Open(path);
        try
        {
            if (DataFile.IsDataFile(file))
            {
                file.Dispose();
                return new TableStream(DataFile.Open(path), options);
            }

            return new TableStream(file, owns: true, path, options, learnsKinds, cancellation);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Columns of the source, also of those that are not read.</summary>
    public int ColumnCount => _text?.ColumnCount ?? _data?.Columns.Count ?? _array?.SourceColumnNames.Count ?? 0;

    /// <summary>Reads the next rows; waits for a source that is slow.</summary>
    /// <param name="most">At most so many rows of a text, at least 1.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The rows, which know their numbers in the source; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">A row is malformed, or there is none at all; the message names the source, the row and the column.</exception>
    public Table? Read(int most, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (_text is not null)
        {
            return _text.ReadRows(most, cancellation);
        }

        if (_data is not null)
        {
            return _block < _data.BlockCount ? DataFileTable.Read(_data, _block++, 1, _options, cancellation) : null;
        }

        (Table? array, _array) = (_array, null);
        return array;
    }

    /// <summary>Reads the next rows without parsing those of a text, so that several threads may; waits for a source that is slow, but gives what it has.</summary>
    /// <param name="most">At most so many rows of a text, at least 1; fewer where the source has no more ready for now.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>At least one row; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">There is no row at all, or one is too long; the message names the source.</exception>
    public TablePart? ReadPart(int most, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (_text is not null)
        {
            return _text.ReadBlock(most, cancellation) is { } block ? new TablePart(_text, block) : null;
        }

        return Read(most, cancellation) is { } table ? new TablePart(table) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _expanded?.Dispose();
        _data?.Dispose();
        _owned?.Dispose();
    }
}
