using System.Buffers.Binary;
using System.Text.Json;

namespace DirKernels.Data;

/// <summary>Columns and blocks of a data file, checked so that everything that is read by them lies inside the file, and nothing twice.</summary>
internal sealed class DataFileDescription
{
    private const int BlockEntryLength = 12;
    private const int ChunkEntryLength = 5;

    private readonly long[] _offsets;
    private readonly int[] _firstRows;
    private readonly ChunkEncoding[] _encodings;
    private readonly uint[] _checksums;

    /// <summary>Reads a description.</summary>
    /// <param name="bytes">The description, whose checksum was right.</param>
    /// <param name="end">Where it begins in the file: where blocks end.</param>
    /// <exception cref="InvalidDataException">It is damaged or lies; the message says where.</exception>
    public DataFileDescription(ReadOnlySpan<byte> bytes, long end)
    {
        int json = bytes.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : -1;
        if (json < 0 || json > bytes.Length - sizeof(int))
        {
            throw new InvalidDataException("the description of the columns is cut off");
        }

        (Columns, long rows) = ReadColumns(bytes.Slice(sizeof(int), json));
        ReadOnlySpan<byte> index = bytes[(sizeof(int) + json)..];
        int entry = BlockEntryLength + Columns.Length * ChunkEntryLength;
        BlockCount = index.Length / entry;
        if (BlockCount == 0 || index.Length % entry != 0)
        {
            throw new InvalidDataException($"the list of blocks has {index.Length} bytes, which are no whole blocks of {Columns.Length} columns");
        }

        _offsets = new long[BlockCount];
        _firstRows = new int[BlockCount + 1];
        _encodings = new ChunkEncoding[BlockCount * Columns.Length];
        _checksums = new uint[_encodings.Length];
        for (int block = 0; block < BlockCount; block++)
        {
            ReadBlock(index.Slice(block * entry, entry), block, end);
        }

        if (_firstRows[^1] != rows || Array.Exists(Columns, column => column.Missing < 0 || column.Missing > rows))
        {
            throw new InvalidDataException($"the blocks have {_firstRows[^1]} rows, but there should be {rows}");
        }
    }

    /// <summary>The columns.</summary>
    public DataFileColumn[] Columns { get; }

    /// <summary>Number of blocks.</summary>
    public int BlockCount { get; }

    /// <summary>The first row of a block; of <see cref="BlockCount"/>, the number of rows.</summary>
    public int FirstRow(int block) => _firstRows[block];

    /// <summary>Rows of a block.</summary>
    public int RowsOf(int block) => _firstRows[block + 1] - _firstRows[block];

    /// <summary>How a column is stored in a block.</summary>
    public ChunkEncoding EncodingOf(int block, int column) => _encodings[block * Columns.Length + column];

    /// <summary>CRC-32C of a chunk.</summary>
    public uint ChecksumOf(int block, int column) => _checksums[block * Columns.Length + column];

    /// <summary>Where a chunk begins in the file; of the number of columns, where the block ends.</summary>
    public long OffsetOf(int block, int column)
    {
        long offset = _offsets[block];
        int rows = RowsOf(block);
        for (int c = 0; c < column; c++)
        {
            offset += ColumnChunk.Length(EncodingOf(block, c), rows);
        }

        return offset;
    }

    private static (DataFileColumn[] Columns, long Rows) ReadColumns(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            using var document = JsonDocument.ParseValue(ref reader);
            JsonElement columns = document.RootElement.GetProperty("columns");
            if (columns.GetArrayLength() is 0 or > DataFileFormat.MostColumns)
            {
                throw new InvalidDataException($"there are {columns.GetArrayLength()} columns; there must be 1..{DataFileFormat.MostColumns}");
            }

            DataFileColumn[] all = [.. columns.EnumerateArray().Select(ReadColumn)];
            string? twice = all.GroupBy(column => column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
            return twice is null
                ? (all, document.RootElement.GetProperty("rows").GetInt64())
                : throw new InvalidDataException($"there are two columns named '{twice}'");
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException("the description of the columns is damaged", damaged);
        }
    }

    private static DataFileColumn ReadColumn(JsonElement column)
    {
        string name = column.GetProperty("name").GetString() ?? "";
        string[]? categories = column.TryGetProperty("categories", out JsonElement texts) ? [.. texts.EnumerateArray().Select(text => text.GetString() ?? "")] : null;
        if (name.Length == 0 || (categories is not null && (categories.Length is 0 or > ColumnChunk.LargestCategoryCount || categories.Distinct(StringComparer.Ordinal).Count() != categories.Length)))
        {
            throw new InvalidDataException(name.Length == 0 ? "a column has no name" : $"column '{name}' has categories that are none, too many, or twice the same");
        }

        return new DataFileColumn(name, column.GetProperty("missing").GetInt64(), categories);
    }

    private void ReadBlock(ReadOnlySpan<byte> entry, int block, long end)
    {
        _offsets[block] = BinaryPrimitives.ReadInt64LittleEndian(entry);
        int rows = BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);
        if (rows is < 1 or > DataFileFormat.MostRowsPerBlock || rows > int.MaxValue - _firstRows[block])
        {
            throw new InvalidDataException($"block {block} claims {rows} rows");
        }

        _firstRows[block + 1] = _firstRows[block] + rows;
        for (int c = 0; c < Columns.Length; c++)
        {
            ReadOnlySpan<byte> chunk = entry[(BlockEntryLength + c * ChunkEntryLength)..];
            var encoding = (ChunkEncoding)chunk[0];
            if (!(Columns[c].IsText ? ColumnChunk.IsOfCodes(encoding) : ColumnChunk.IsOfNumbers(encoding)))
            {
                throw new InvalidDataException($"block {block}, column '{Columns[c].Name}' is stored in a way {chunk[0]} that is unknown for {(Columns[c].IsText ? "text" : "numbers")}");
            }

            _encodings[block * Columns.Length + c] = encoding;
            _checksums[block * Columns.Length + c] = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
        }

        // Blocks follow each other without gaps: a small file cannot claim the same bytes over and over.
        long expected = block == 0 ? DataFileFormat.StartLength : OffsetOf(block - 1, Columns.Length);
        if (_offsets[block] != expected || OffsetOf(block, Columns.Length) > end)
        {
            throw new InvalidDataException($"block {block} does not lie where it should");
        }
    }
}
