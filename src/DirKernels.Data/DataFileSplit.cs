namespace DirKernels.Data;

/// <summary>Which rows of a data file train, validate and test, decided as for a table in memory but column by column.</summary>
internal static class DataFileSplit
{
    /// <summary>The split that a text column says; see <see cref="DataSplit.FromColumn"/>.</summary>
    /// <exception cref="InvalidDataException">There is no such column, it holds numbers or another value, or no row trains.</exception>
    public static RowPart[] FromColumn(DataFile file, string column)
    {
        int index = file.IndexOf(column);
        if (file.Columns[index].Categories is not { } categories)
        {
            throw new InvalidDataException($"{file.Name}: column '{column}' holds numbers, but the split must be one of train, val, test");
        }

        RowPart?[] parts = [.. categories.Select(DataSplit.PartOf)];
        var partOfRow = new RowPart[file.Rows];
        int[] codes = [];
        foreach (DataFileBlock block in DataFileBlock.OfColumn(file, index))
        {
            Array.Resize(ref codes, block.Rows);
            block.Codes(index, 0, codes);
            for (int i = 0; i < codes.Length; i++)
            {
                int row = block.FirstRow + i;
                partOfRow[row] = parts[codes[i]]
                    ?? throw new InvalidDataException($"{file.Name}: row {row + 1}, column '{column}': '{categories[codes[i]]}' is none of train, val, test");
            }
        }

        return partOfRow.AsSpan().Contains(RowPart.Train) ? partOfRow : throw new InvalidDataException($"{file.Name}: column '{column}' has no training rows");
    }

    /// <summary>The balanced split; see <see cref="BalancedSplit"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="target">The label column.</param>
    /// <param name="labels">Its values.</param>
    /// <param name="bins">The label bins.</param>
    /// <param name="seed">Seed of the one random stream.</param>
    public static RowPart[] Balanced(DataFile file, string target, double[] labels, LabelBins bins, ulong seed)
    {
        bool[] eligible = DistinctRows(file, target);
        int[] binOfRow = bins.Assign(labels);
        int cap = BalancedSplit.DefaultCap(binOfRow, bins.Count, eligible);
        return BalancedSplit.Assign(binOfRow, bins.Count, eligible, cap, seed);
    }

    /// <summary>For each row, whether no other has the same features: by hashes of 64 bits alone, which among 10^8 different rows agree by accident in one file of 3,700.</summary>
    private static bool[] DistinctRows(DataFile file, string target)
    {
        var distinct = new bool[file.Rows];
        Array.Fill(distinct, true);
        ulong[] hashes = Hashes(file, target, out bool any);
        if (!any)
        {
            return distinct;
        }

        var rows = new int[hashes.Length];
        for (int row = 0; row < rows.Length; row++)
        {
            rows[row] = row;
        }

        Array.Sort(hashes, rows);
        for (int i = 1; i < rows.Length; i++)
        {
            if (hashes[i] == hashes[i - 1])
            {
                distinct[rows[i]] = distinct[rows[i - 1]] = false;
            }
        }

        return distinct;
    }

    private static ulong[] Hashes(DataFile file, string target, out bool any)
    {
        var hashes = new ulong[file.Rows];
        var block = new DataFileBlock(file);
        double[] numbers = [];
        int[] codes = [];
        any = file.Columns.Count > 1;
        for (int b = 0; b < file.BlockCount; b++)
        {
            block.Read(b);
            Array.Resize(ref numbers, block.Rows);
            Array.Resize(ref codes, block.Rows);
            Span<ulong> part = hashes.AsSpan(block.FirstRow, block.Rows);
            for (int c = 0; c < file.Columns.Count; c++)
            {
                if (file.Columns[c].Name == target)
                {
                    continue;
                }

                if (file.Columns[c].IsText)
                {
                    block.Codes(c, 0, codes);
                    for (int i = 0; i < part.Length; i++)
                    {
                        part[i] = RowHash.Append(part[i], (ulong)codes[i]);
                    }
                }
                else
                {
                    block.Numbers(c, 0, numbers);
                    for (int i = 0; i < part.Length; i++)
                    {
                        part[i] = RowHash.Append(part[i], RowHash.Bits(numbers[i]));
                    }
                }
            }
        }

        return hashes;
    }
}
