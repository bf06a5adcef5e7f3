using DirKernels.Networks;

namespace DirKernels.Data;

/// <summary>Learns how one column becomes inputs from its values in the training rows.</summary>
internal static class ColumnFit
{
    /// <summary>A numeric column.</summary>
    /// <param name="source">Name of the table, for messages.</param>
    /// <param name="name">Name of the column.</param>
    /// <param name="values">The values in the order of the rows, NaN for a missing one; overwritten.</param>
    /// <exception cref="InvalidDataException">All are missing, or too large for moments in double precision.</exception>
    public static EncodedColumn Numeric(string source, string name, double[] values)
    {
        int present = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]))
            {
                values[present++] = values[i];
            }
        }

        if (present == 0)
        {
            throw new InvalidDataException($"{source}: column '{name}' has no value in any training row");
        }

        // The selection below only reorders the values, and the moments do not depend on their order beyond rounding.
        double median = MedianSelection.Median(values.AsSpan(0, present));
        Array.Fill(values, median, present, values.Length - present);
        (double mean, double deviation) = Moments(values);
        if (!double.IsFinite(mean) || !double.IsFinite(deviation))
        {
            throw new InvalidDataException($"{source}: column '{name}' has values too large to standardise");
        }

        return EncodedColumn.Numeric(name, mean, deviation > 0 ? deviation : 1, median);
    }

    /// <summary>A text column.</summary>
    /// <param name="source">Name of the table, for messages.</param>
    /// <param name="name">Name of the column.</param>
    /// <param name="categories">Its categories.</param>
    /// <param name="used">Which of them training rows hold.</param>
    /// <exception cref="InvalidDataException">Too many are used.</exception>
    public static EncodedColumn Categorical(string source, string name, IReadOnlyList<string> categories, bool[] used)
    {
        // Sorted, so that the order of the inputs depends on what the training rows hold and not on which comes first.
        string[] chosen = [.. categories.Where((_, code) => used[code]).Order(StringComparer.Ordinal)];
        return chosen.Length <= EncodedColumn.LargestCategoryCount
            ? EncodedColumn.Categorical(name, chosen)
            : throw new InvalidDataException(
                $"{source}: column '{name}' holds text with {chosen.Length} different values; at most {EncodedColumn.LargestCategoryCount} can be encoded (leave the column out)");
    }

    /// <summary>Mean and population standard deviation in two passes, the squares taken relative to the largest deviation so that they cannot overflow.</summary>
    private static (double Mean, double Deviation) Moments(double[] values)
    {
        double sum = 0, lowest = values[0], highest = values[0];
        foreach (double value in values)
        {
            sum += value;
            lowest = Math.Min(lowest, value);
            highest = Math.Max(highest, value);
        }

        if (lowest == highest)
        {
            return (lowest, 0); // exactly: a rounded mean would leave a deviation of one unit in the last place to divide by
        }

        double mean = sum / values.Length;
        double largest = Math.Max(highest - mean, mean - lowest), squares = 0, rest = 0;
        foreach (double value in values)
        {
            double relative = (value - mean) / largest;
            squares += relative * relative;
            rest += relative;
        }

        double correction = rest / values.Length;
        double variance = squares / values.Length - correction * correction;
        return (mean + correction * largest, largest * Math.Sqrt(variance));
    }
}
