namespace DirKernels.Resampling;

/// <summary>
/// WERCS: adds copies of rows drawn with replacement in proportion to their relevance phi, and leaves out rows drawn without replacement in proportion
/// to 1 - phi; no threshold divides the rows.
/// </summary>
/// <remarks>Source: Branco, Torgo and Ribeiro, "Pre-processing approaches for imbalanced distributions in regression", Neurocomputing 343, 2019.</remarks>
internal static class RelevanceDraws
{
    /// <summary>Adds the rows that stay and the copies.</summary>
    /// <param name="relevance">[N] phi of the rows, at least one of them above 0.</param>
    /// <param name="rows">Where rows are added.</param>
    /// <param name="options">Fractions added and left out.</param>
    /// <param name="stream">Key of the random numbers.</param>
    public static void Add(double[] relevance, ResampledRows rows, ResamplingOptions options, ulong stream)
    {
        int added = (int)Math.Round(options.Added * relevance.Length, MidpointRounding.ToEven);
        int leftOut = (int)Math.Round(options.LeftOut * relevance.Length, MidpointRounding.ToEven);
        var gone = new bool[relevance.Length];
        foreach (int row in new DrawSequence(CounterRandom.Stream(stream, 0)).ChooseByWeight(Array.ConvertAll(relevance, phi => 1 - phi), leftOut))
        {
            gone[row] = true;
        }

        var sums = new double[relevance.Length];
        double sum = 0;
        int last = 0;
        for (int row = 0; row < relevance.Length; row++)
        {
            sums[row] = sum += relevance[row];
            last = relevance[row] > 0 ? row : last;
            if (!gone[row])
            {
                rows.Copy(row);
            }
        }

        var draws = new DrawSequence(CounterRandom.Stream(stream, 1));
        for (int i = 0; i < added; i++)
        {
            rows.Copy(Math.Min(FirstAbove(sums, draws.Uniform() * sum), last));
        }
    }

    // The first row whose cumulative sum is above a value: never a row of relevance 0.
    private static int FirstAbove(double[] sums, double value)
    {
        int low = 0, high = sums.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sums[middle] > value)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
