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
        var rows = new TextRows(text, name, options ?? TableOptions.Default);
        return rows.ReadRows(int.MaxValue, cancellation)!;
    }
}
