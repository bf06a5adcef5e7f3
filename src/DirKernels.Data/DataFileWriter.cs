using System.Buffers.Binary;
using System.Text.Json;
using DirKernels.Exchange;

namespace DirKernels.Data;

/// <summary>Writes a data file: rows of a table in blocks, column by column, each column of a block as small as gives back every bit.</summary>
/// <remarks>Memory holds one block, the categories of text columns, and five bytes for each column of each block. Not thread-safe.</remarks>
public sealed class DataFileWriter
{
    private readonly Stream _stream;
    private readonly string[] _names;
    private readonly CategoryCodes?[] _texts;
    private readonly long[] _missing;
    private readonly MemoryStream _index = new();
    private byte[] _chunk = [];
    private long _position;
    private long _rows;

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Where to; from its present position, left open.</param>
    /// <param name="columns">Columns by name, and whether they hold text.</param>
    /// <exception cref="ArgumentException">No columns, or a name occurs twice.</exception>
    public DataFileWriter(Stream stream, IReadOnlyList<(string Name, bool IsText)> columns)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count is 0 or > DataFileFormat.MostColumns || columns.DistinctBy(column => column.Name, StringComparer.Ordinal).Count() != columns.Count)
        {
            throw new ArgumentException($"a data file needs 1..{DataFileFormat.MostColumns} columns with different names, but got {columns.Count}", nameof(columns));
        }

        _stream = stream;
        _names = [.. columns.Select(column => column.Name)];
        _texts = [.. columns.Select(column => column.IsText ? new CategoryCodes(column.Name) : null)];
        _missing = new long[_names.Length];
        Span<byte> start = stackalloc byte[DataFileFormat.StartLength];
        start.Clear();
        DataFileFormat.Magic.CopyTo(start);
        BinaryPrimitives.WriteUInt32LittleEndian(start[8..], DataFileFormat.Schema);
        Write(start);
    }

    /// <summary>
    /// Rows of a block that make it about a megabyte: large enough to be read at the speed of a disk, small enough that many fit into memory, which mixes the
    /// rows better where a table is sorted.
    /// </summary>
    /// <param name="columns">Columns.</param>
    public static int RowsPerBlock(int columns) => Math.Clamp((1 << 20) / (8 * Math.Max(1, columns)), 64, 1 << 16);

    /// <summary>Writes a block.</summary>
    /// <param name="rows">Its rows, all of a part of a table; the columns must be those of the file, in their order.</param>
    /// <exception cref="ArgumentException">Other columns or kinds, or too many rows; what is wrong is named.</exception>
    /// <exception cref="InvalidDataException">A text column has more than 65536 different values.</exception>
    public void Add(Table rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.RowCount > DataFileFormat.MostRowsPerBlock || rows.Columns.Count != _names.Length || rows.RowCount > int.MaxValue - _rows)
        {
            throw new ArgumentException($"{rows.RowCount} rows of {rows.Columns.Count} columns are no block of a data file of {_names.Length} columns and now {_rows} rows", nameof(rows));
        }

        Span<byte> entry = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(entry, _position);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], rows.RowCount);
        _index.Write(entry);
        for (int c = 0; c < _names.Length; c++)
        {
            if (rows.Columns[c].Name != _names[c])
            {
                throw new ArgumentException($"column {c} of the file is '{_names[c]}', but that of the rows is '{rows.Columns[c].Name}'", nameof(rows));
            }

            Write(c, rows.Columns[c]);
        }

        _rows += rows.RowCount;
    }

    /// <summary>Writes the description of columns and blocks; nothing can be added then.</summary>
    /// <exception cref="InvalidDataException">There are no rows, or more columns and blocks than can be described.</exception>
    public void Finish()
    {
        if (_rows == 0)
        {
            throw new InvalidDataException("a data file needs at least one row");
        }

        long at = _position;
        byte[] json = Description();
        long length = sizeof(int) + json.Length + _index.Length;
        if (length > DataFileFormat.LargestDescription)
        {
            throw new InvalidDataException($"the description of {_names.Length} columns in the blocks of {_rows} rows takes {length} bytes, more than {DataFileFormat.LargestDescription}; take larger blocks");
        }

        var footer = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(footer, json.Length);
        json.CopyTo(footer, sizeof(int));
        _index.GetBuffer().AsSpan(0, (int)_index.Length).CopyTo(footer.AsSpan(sizeof(int) + json.Length));
        Write(footer);

        Span<byte> end = stackalloc byte[DataFileFormat.EndLength];
        BinaryPrimitives.WriteInt64LittleEndian(end, at);
        BinaryPrimitives.WriteUInt32LittleEndian(end[8..], Crc32C.Of(footer));
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], DataFileFormat.Schema);
        DataFileFormat.Magic.CopyTo(end[16..]);
        Write(end);
    }

    private void Write(int index, TableColumn column)
    {
        ChunkEncoding encoding;
        Span<byte> chunk;
        if (_texts[index] is { } text)
        {
            int[] codes = text.CodesOf(column as TextColumn ?? throw OtherKind(index));
            _missing[index] += text.MissingCode is { } missing ? codes.Count(missing) : 0;
            encoding = ColumnChunk.For(codes);
            chunk = Room(encoding, codes.Length);
            ColumnChunk.Write(codes, encoding, chunk);
        }
        else
        {
            double[] values = (column as NumericColumn ?? throw OtherKind(index)).Values;
            _missing[index] += MissingIn(values);
            encoding = ColumnChunk.For(values);
            chunk = Room(encoding, values.Length);
            ColumnChunk.Write(values, encoding, chunk);
        }

        Span<byte> entry = stackalloc byte[5];
        entry[0] = (byte)encoding;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[1..], Crc32C.Of(chunk));
        _index.Write(entry);
        Write(chunk);
    }

    private static int MissingIn(ReadOnlySpan<double> values)
    {
        int missing = 0;
        foreach (double value in values)
        {
            missing += double.IsNaN(value) ? 1 : 0;
        }

        return missing;
    }

    private ArgumentException OtherKind(int index) => new($"column '{_names[index]}' of the file holds {(_texts[index] is null ? "numbers, but that of the rows text" : "text, but that of the rows numbers")}");

    private Span<byte> Room(ChunkEncoding encoding, int rows)
    {
        int length = ColumnChunk.Length(encoding, rows);
        if (_chunk.Length < length)
        {
            _chunk = new byte[length];
        }

        Span<byte> chunk = _chunk.AsSpan(0, length);
        chunk.Clear(); // the padding as well
        return chunk;
    }

    private byte[] Description()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("rows", _rows);
            json.WriteStartArray("columns");
            for (int c = 0; c < _names.Length; c++)
            {
                json.WriteStartObject();
                json.WriteString("name", _names[c]);
                json.WriteNumber("missing", _missing[c]);
                if (_texts[c] is { } text)
                {
                    json.WriteStartArray("categories");
                    foreach (string category in text.Categories)
                    {
                        json.WriteStringValue(category);
                    }

                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _position += bytes.Length;
    }
}
