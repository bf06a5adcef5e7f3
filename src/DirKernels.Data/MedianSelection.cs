namespace DirKernels.Data;

/// <summary>Median by selection, linear in the number of values instead of the n log n of sorting.</summary>
internal static class MedianSelection
{
    /// <summary>The median: the middle value, or the mean of the two middle ones. Reorders the values, of which there is at least one and none is NaN.</summary>
    public static double Median(Span<double> values)
    {
        int middle = values.Length / 2;
        double upper = Select(values, middle);
        if (values.Length % 2 == 1)
        {
            return upper;
        }

        double lower = double.NegativeInfinity;
        foreach (double value in values[..middle])
        {
            lower = Math.Max(lower, value);
        }

        return lower + 0.5 * (upper - lower);
    }

    /// <summary>Hoare's selection with the median of three as pivot: afterwards nothing before <paramref name="rank"/> is larger, nothing after it smaller.</summary>
    private static double Select(Span<double> values, int rank)
    {
        int low = 0, high = values.Length - 1;
        while (low < high)
        {
            double a = values[low], b = values[low + (high - low) / 2], c = values[high];
            double pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i] < pivot)
                {
                    i++;
                }

                while (values[j] > pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (rank <= j)
            {
                high = j;
            }
            else if (rank >= i)
            {
                low = i;
            }
            else
            {
                break;
            }
        }

        return values[rank];
    }
}
