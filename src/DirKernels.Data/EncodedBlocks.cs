using System.Numerics.Tensors;
using DirKernels.Networks;

namespace DirKernels.Data;

/// <summary>Inputs of the rows of one part of a data file, encoded block by block when they are read: the numbers that <see cref="FeatureEncoder"/> makes of a table.</summary>
internal sealed class EncodedBlocks : IRowBlocks
{
    /// <summary>Rows that all columns of are encoded before the next ones: their inputs stay in the cache although columns write them one by one.</summary>
    private const int TileRows = 128;

    private readonly DataFile _file;
    private readonly FeatureEncoder _encoder;
    private readonly RowPart[] _partOfRow;
    private readonly RowPart _part;
    private readonly int[] _firstRows;
    private readonly int[] _sources;
    private readonly int[]?[] _inputOfCode;
    private readonly DataFileBlock _block;
    private readonly double[] _numbers = new double[TileRows];
    private readonly float[] _inputs = new float[TileRows];
    private readonly int[] _codes = new int[TileRows];
    private readonly int[] _picked = new int[TileRows];

    /// <summary>Prepares reading.</summary>
    /// <param name="file">The file.</param>
    /// <param name="encoder">How its columns become inputs.</param>
    /// <param name="partOfRow">[rows of the file] what each row is for; kept.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="InvalidDataException">The file lacks a column, or has another kind.</exception>
    public EncodedBlocks(DataFile file, FeatureEncoder encoder, RowPart[] partOfRow, RowPart part)
    {
        _file = file;
        _encoder = encoder;
        _partOfRow = partOfRow;
        _part = part;
        _block = new DataFileBlock(file);
        _sources = [.. encoder.Columns.Select(column => column.Kind == EncodedColumnKind.Numeric ? file.IndexOfNumbers(column.Name) : file.IndexOf(column.Name))];
        _inputOfCode = new int[_sources.Length][];
        for (int c = 0; c < _sources.Length; c++)
        {
            if (encoder.Columns[c].Kind == EncodedColumnKind.Categorical)
            {
                _inputOfCode[c] = FeatureEncoder.InputOfCode(encoder.Columns[c], file.Columns[_sources[c]].Categories ?? throw new InvalidDataException(
                    $"{file.Name}: column '{encoder.Columns[c].Name}' holds numbers, but the model was trained on text"));
            }
        }

        _firstRows = new int[file.BlockCount + 1];
        for (int block = 0; block < file.BlockCount; block++)
        {
            int first = file.Description.FirstRow(block);
            _firstRows[block + 1] = _firstRows[block] + partOfRow.AsSpan(first, file.Description.RowsOf(block)).Count(part);
        }
    }

    /// <inheritdoc/>
    public int Columns => _encoder.Dimension;

    /// <inheritdoc/>
    public int BlockCount => _file.BlockCount;

    /// <inheritdoc/>
    public int FirstRow(int block) => _firstRows[block];

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The block is damaged, or a value is too far from the training rows to be an input; row and column are named.</exception>
    public void Read(int block, Span<float> inputs)
    {
        if (inputs.IsEmpty)
        {
            return; // a block without rows of the part need not be read
        }

        _block.Read(block);
        inputs.Clear();
        int done = 0;
        for (int first = 0; first < _block.Rows; first += TileRows)
        {
            int rows = Math.Min(TileRows, _block.Rows - first), picked = Pick(first, rows);
            if (picked > 0)
            {
                Encode(first, rows, picked, inputs.Slice(done * Columns, picked * Columns));
                done += picked;
            }
        }
    }

    /// <summary>Finds the rows of the part among those of a tile.</summary>
    private int Pick(int first, int rows)
    {
        ReadOnlySpan<RowPart> parts = _partOfRow.AsSpan(_block.FirstRow + first, rows);
        int picked = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] == _part)
            {
                _picked[picked++] = i;
            }
        }

        return picked;
    }

    private void Encode(int first, int rows, int picked, Span<float> inputs)
    {
        int at = 0;
        for (int c = 0; c < _sources.Length; c++)
        {
            if (_inputOfCode[c] is { } inputOfCode)
            {
                EncodeText(_sources[c], inputOfCode, first, rows, _picked.AsSpan(0, picked), inputs[at..]);
            }
            else
            {
                EncodeNumbers(_encoder.Columns[c], _sources[c], first, rows, _picked.AsSpan(0, picked), inputs[at..]);
            }

            at += _encoder.Columns[c].Width;
        }
    }

    private void EncodeText(int source, int[] inputOfCode, int first, int rows, ReadOnlySpan<int> picked, Span<float> inputs)
    {
        Span<int> codes = _codes.AsSpan(0, rows);
        _block.Codes(source, first, codes);
        int dimension = Columns;
        for (int i = 0; i < picked.Length; i++)
        {
            int input = inputOfCode[codes[picked[i]]];
            if (input >= 0)
            {
                inputs[i * dimension + input] = 1;
            }
        }
    }

    private void EncodeNumbers(EncodedColumn column, int source, int first, int rows, ReadOnlySpan<int> picked, Span<float> inputs)
    {
        Span<double> numbers = _numbers.AsSpan(0, rows);
        _block.Numbers(source, first, numbers);
        if (_file.Columns[source].Missing > 0)
        {
            numbers.Replace(double.NaN, column.Median);
        }

        TensorPrimitives.Subtract(numbers, column.Mean, numbers);
        TensorPrimitives.Divide(numbers, column.Scale, numbers);
        Span<float> tile = _inputs.AsSpan(0, rows);
        TensorPrimitives.ConvertTruncating<double, float>(numbers, tile);
        int dimension = Columns;
        for (int i = 0; i < picked.Length; i++)
        {
            float input = tile[picked[i]];
            if (!float.IsFinite(input))
            {
                throw TooFar(column, source, first + picked[i]);
            }

            inputs[i * dimension] = input;
        }
    }

    private InvalidDataException TooFar(EncodedColumn column, int source, int row)
    {
        double value = 0;
        _block.Numbers(source, row, new Span<double>(ref value));
        string what = double.IsNaN(value) ? "the value is missing" : FeatureEncoder.TooFar(column, value);
        return new InvalidDataException($"{_file.Name}: row {_block.FirstRow + row + 1}, column '{column.Name}': {what}");
    }
}
