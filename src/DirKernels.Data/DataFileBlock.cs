namespace DirKernels.Data;

/// <summary>One block of a data file in memory, or one column of it; used for one block after another. Not thread-safe.</summary>
internal sealed class DataFileBlock
{
    private readonly DataFile _file;
    private readonly int[] _starts;
    private byte[] _bytes = [];
    private int _block;

    public DataFileBlock(DataFile file)
    {
        _file = file;
        _starts = new int[file.Columns.Count];
    }

    /// <summary>One column in memory block after block; each is valid until the next.</summary>
    /// <param name="file">The file.</param>
    /// <param name="column">The column.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">A block is damaged.</exception>
    public static IEnumerable<DataFileBlock> OfColumn(DataFile file, int column, CancellationToken cancellation = default)
    {
        var block = new DataFileBlock(file);
        for (int b = 0; b < file.BlockCount; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            block.Read(b, column);
            yield return block;
        }
    }

    /// <summary>Rows of the block.</summary>
    public int Rows => _file.Description.RowsOf(_block);

    /// <summary>Number in the file of the first row, from 0.</summary>
    public int FirstRow => _file.Description.FirstRow(_block);

    /// <summary>Reads all columns of a block.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Read(int block) => Read(block, 0, _file.Columns.Count);

    /// <summary>Reads one column of a block.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Read(int block, int column) => Read(block, column, 1);

    /// <summary>Some numbers of a column that was read.</summary>
    /// <param name="column">The column.</param>
    /// <param name="first">The first row, in the block.</param>
    /// <param name="values">Receives them; NaN is missing.</param>
    /// <exception cref="InvalidDataException">A number is infinite.</exception>
    public void Numbers(int column, int first, Span<double> values)
    {
        ChunkEncoding encoding = _file.Description.EncodingOf(_block, column);
        ColumnChunk.Read(_bytes.AsSpan(_starts[column]), encoding, first, values);
        if (encoding is ChunkEncoding.Float32 or ChunkEncoding.Float64)
        {
            int infinite = values.IndexOfAny(double.PositiveInfinity, double.NegativeInfinity);
            if (infinite >= 0)
            {
                throw new InvalidDataException($"{_file.Name}: row {FirstRow + first + infinite + 1}, column '{_file.Columns[column].Name}': {values[infinite]} is not a finite number");
            }
        }
    }

    /// <summary>Some codes of a text column that was read.</summary>
    /// <param name="column">The column.</param>
    /// <param name="first">The first row, in the block.</param>
    /// <param name="codes">Receives them.</param>
    /// <exception cref="InvalidDataException">A code is that of no category.</exception>
    public void Codes(int column, int first, Span<int> codes)
    {
        ColumnChunk.Read(_bytes.AsSpan(_starts[column]), _file.Description.EncodingOf(_block, column), first, codes);
        _file.CheckCodes(codes, column, FirstRow + first);
    }

    private void Read(int block, int column, int count)
    {
        _block = block;
        _file.Read(block, column, count, ref _bytes);
        int start = 0;
        for (int c = column; c < column + count; c++)
        {
            _starts[c] = start;
            start += ColumnChunk.Length(_file.Description.EncodingOf(block, c), Rows);
        }
    }
}
