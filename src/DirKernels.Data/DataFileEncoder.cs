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
                columns.Add(ColumnFit.Categorical(file.Name, column.Name, categories, CodesOfTraining(file, c, partOfRow, categories.Count, cancellation)));
            }
            else
            {
                numbers ??= new double[partOfRow.AsSpan().Count(RowPart.Train)];
                ReadTraining(file, c, partOfRow, numbers, cancellation);
                columns.Add(ColumnFit.Numeric(file.Name, column.Name, numbers));
            }
        }

        return FeatureEncoder.Of(file.Name, columns, ignored);
    }

    private static void ReadTraining(DataFile file, int column, RowPart[] partOfRow, double[] numbers, CancellationToken cancellation)
    {
        double[] values = [];
        int at = 0;
        foreach (DataFileBlock block in DataFileBlock.OfColumn(file, column, cancellation))
        {
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

    private static bool[] CodesOfTraining(DataFile file, int column, RowPart[] partOfRow, int categories, CancellationToken cancellation)
    {
        var used = new bool[categories];
        int[] codes = [];
        foreach (DataFileBlock block in DataFileBlock.OfColumn(file, column, cancellation))
        {
            Array.Resize(ref codes, block.Rows);
            block.Codes(column, 0, codes);
            for (int i = 0; i < codes.Length; i++)
            {
                used[codes[i]] |= partOfRow[block.FirstRow + i] == RowPart.Train;
            }
        }

        return used;
    }
}
