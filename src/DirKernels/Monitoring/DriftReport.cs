namespace DirKernels.Monitoring;

/// <summary>A live sketch against a reference, usually that of the training rows.</summary>
public sealed class DriftReport
{
    private DriftReport(long referenceRows, long rows, DriftMeasure predictions, DriftMeasure[] inputs)
    {
        ReferenceRows = referenceRows;
        Rows = rows;
        Predictions = predictions;
        Inputs = inputs;
    }

    /// <summary>Rows of the reference.</summary>
    public long ReferenceRows { get; }

    /// <summary>Rows compared with it.</summary>
    public long Rows { get; }

    /// <summary>Drift of the predictions over the label bins.</summary>
    public DriftMeasure Predictions { get; }

    /// <summary>[inputs] drift of each input.</summary>
    public IReadOnlyList<DriftMeasure> Inputs { get; }

    /// <summary>Compares.</summary>
    /// <param name="reference">Rows of the training, standardised alike, with the predictions of the same model.</param>
    /// <param name="live">Rows of later.</param>
    /// <exception cref="ArgumentException">The sketches have other inputs or bins, or no rows.</exception>
    public static DriftReport Compare(DriftSketch reference, DriftSketch live)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(live);
        if (reference.Inputs != live.Inputs || reference.Bins != live.Bins)
        {
            throw new ArgumentException(
                $"a sketch of {live.Inputs} inputs and {live.Bins} bins cannot be compared with a reference of {reference.Inputs} and {reference.Bins}", nameof(live));
        }

        if (reference.Rows == 0 || live.Rows == 0)
        {
            throw new ArgumentException($"there must be rows to compare, but the reference has {reference.Rows} and the other {live.Rows}");
        }

        var inputs = new DriftMeasure[reference.Inputs];
        for (int input = 0; input < inputs.Length; input++)
        {
            double deviation = Math.Sqrt(reference.Variance(input));
            inputs[input] = Measure(reference.CellCounts(input), live.CellCounts(input)) with
            {
                MeanShift = deviation > 0 ? (live.Mean(input) - reference.Mean(input)) / deviation : double.NaN,
                SpreadRatio = deviation > 0 ? Math.Sqrt(live.Variance(input)) / deviation : double.NaN,
                MissingShare = (double)live.Missing(input) / live.Rows,
            };
        }

        return new DriftReport(reference.Rows, live.Rows, Measure(reference.BinCounts, live.BinCounts), inputs);
    }

    private static DriftMeasure Measure(ReadOnlySpan<long> reference, ReadOnlySpan<long> live)
    {
        long n = 0, m = 0;
        int used = 0;
        for (int k = 0; k < reference.Length; k++)
        {
            n += reference[k];
            m += live[k];
            used += reference[k] + live[k] > 0 ? 1 : 0;
        }

        if (n == 0 || m == 0)
        {
            return new DriftMeasure(0, 0, 0, double.NaN, double.NaN, 0);
        }

        // Half a row in each cell that either has: a cell that one of them lacks has a finite say, which more rows raise.
        double index = 0, gap = 0, p = 0, q = 0;
        for (int k = 0; k < reference.Length; k++)
        {
            if (reference[k] + live[k] > 0)
            {
                double before = (reference[k] + 0.5) / (n + 0.5 * used), after = (live[k] + 0.5) / (m + 0.5 * used);
                index += (after - before) * Math.Log(after / before);
            }

            p += (double)reference[k] / n;
            q += (double)live[k] / m;
            gap = Math.Max(gap, Math.Abs(p - q));
        }

        return new DriftMeasure(index, (used - 1) * (1.0 / n + 1.0 / m), gap, double.NaN, double.NaN, 0);
    }
}
