using DirKernels.Networks;

namespace DirKernels.Data;

/// <summary>Learns how the columns of a data file become inputs, one column in memory at a time: the encoder that <see cref="FeatureEncoder.Fit"/> learns from the table.</summary>
internal static class DataFileEncoder
{
    /// <summary>Learns the encoding from the training rows.</summary>
    /// <param name="file">The file.</param>
    /// <param name="partOfRow">What each row is for.</param>
    /// <param name="ignored">Columns that are not inputs: target and split.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">As of <see cref="FeatureEncoder.Fit"/>, or the file is damaged.</exception>
    public static FeatureEncoder Fit(DataFile file, RowPart[] partOfRow, IReadOnlyCollection<string> ignored, CancellationToken cancellation)
    {
        var columns = new List<EncodedColumn>();
        var block = new DataFileBlock(file);
        double[]? numbers = null;
        for (int c = 0; c < file.Columns.Count; c++)
        {
            DataFileColumn column = file.Columns[c];
            if (ignored.Contains(column.Name, StringComparer.Ordinal))
            {
                continue;
            }

            if (column.Categories is { } categories)
            {
                var used = new bool[categories.Count];
                EachTrainingCode(file, block, c, partOfRow, code => used[code] = true, cancellation);
                columns.Add(ColumnFit.Categorical(file.Name, column.Name, categories, used));
            }
            else
            {
                numbers ??= new double[partOfRow.AsSpan().Count(RowPart.Train)];
                ReadTraining(file, block, c, partOfRow, numbers, cancellation);
                columns.Add(ColumnFit.Numeric(file.Name, column.Name, numbers));
            }
        }

        return FeatureEncoder.Of(file.Name, columns, ignored);
    }

    private static void ReadTraining(DataFile file, DataFileBlock block, int column, RowPart[] partOfRow, double[] numbers, CancellationToken cancellation)
    {
        double[] values = [];
        int at = 0;
        for (int b = 0; b < file.BlockCount; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            block.Read(b, column);
            Array.Resize(ref values, block.Rows);
            block.Numbers(column, 0, values);
            for (int i = 0; i < values.Length; i++)
            {
                if (partOfRow[block.FirstRow + i] == RowPart.Train)
                {
                    numbers[at++] = values[i];
                }
            }
        }
    }

    private static void EachTrainingCode(DataFile file, DataFileBlock block, int column, RowPart[] partOfRow, Action<int> see, CancellationToken cancellation)
    {
        int[] codes = [];
        for (int b = 0; b < file.BlockCount; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            block.Read(b, column);
            Array.Resize(ref codes, block.Rows);
            block.Codes(column, 0, codes);
            for (int i = 0; i < codes.Length; i++)
            {
                if (partOfRow[block.FirstRow + i] == RowPart.Train)
                {
                    see(codes[i]);
                }
            }
        }
    }
}
