using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>Which input columns are numeric and which are one-hot groups; checked against the rows.</summary>
internal sealed class InputColumns
{
    /// <summary>Checks groups.</summary>
    /// <exception cref="ArgumentException">A group is empty, outside the columns, or shares a column with another.</exception>
    /// <exception cref="InvalidDataException">A row has not one 1 and otherwise 0 in a group; the message names both.</exception>
    public InputColumns(TrainingSet set, IReadOnlyList<ColumnGroup> groups)
    {
        var taken = new bool[set.InputColumns];
        foreach (ColumnGroup group in groups)
        {
            if (group.Count < 1 || group.Start < 0 || group.Start > set.InputColumns - group.Count)
            {
                throw new ArgumentException($"resampling: columns {group.Start}..{(long)group.Start + group.Count - 1} cannot be one-hot: there are {set.InputColumns} columns");
            }

            for (int d = group.Start; d < group.Start + group.Count; d++)
            {
                if (taken[d])
                {
                    throw new ArgumentException($"resampling: column {d} is in two one-hot groups");
                }

                taken[d] = true;
            }

            ThrowIfNotOneHot(set, group);
        }

        Groups = [.. groups];
        Numeric = [.. Enumerable.Range(0, taken.Length).Where(d => !taken[d])];
    }

    /// <summary>The one-hot groups.</summary>
    public ColumnGroup[] Groups { get; }

    /// <summary>The columns in none.</summary>
    public int[] Numeric { get; }

    private static void ThrowIfNotOneHot(TrainingSet set, ColumnGroup group)
    {
        for (int row = 0; row < set.Rows; row++)
        {
            ReadOnlySpan<float> values = set.Inputs.AsSpan(row * set.InputColumns + group.Start, group.Count);
            if (values.Count(1f) != 1 || values.Count(0f) != values.Length - 1)
            {
                throw new InvalidDataException(
                    $"resampling: columns {group.Start}..{group.Start + group.Count - 1} were said to be one-hot, but row {row} (counted from 0) has not one 1 and otherwise 0 there");
            }
        }
    }
}
