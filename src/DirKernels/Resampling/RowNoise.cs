using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>
/// Perturbed copies of rows: every numeric input and every label gets normal noise whose standard deviation is a multiple of the column's own (divisor
/// n - 1) over the bump; categories stay those of the row.
/// </summary>
/// <remarks>
/// Labels may leave the range of the bump, as published. A bump of one row has no spread, so its copies are exact.
/// Source: Branco, Torgo and Ribeiro, "SMOGN: a pre-processing approach for imbalanced regression", LIDTA 2017.
/// </remarks>
internal sealed class RowNoise
{
    private readonly ResampledRows _rows;
    private readonly int[] _numeric;
    private readonly double[] _inputDeviations;
    private readonly double[] _labelDeviations;

    public RowNoise(ResampledRows rows, TrainingSet set, InputColumns columns, IReadOnlyList<int> bump)
    {
        _rows = rows;
        _numeric = columns.Numeric;
        _inputDeviations = Array.ConvertAll(_numeric, d => Deviation(bump, row => set.Inputs[row * set.InputColumns + d]));
        _labelDeviations = [.. Enumerable.Range(0, set.Targets).Select(t => Deviation(bump, row => set.Labels[row * set.Targets + t]))];
    }

    /// <summary>Adds one copy of a row.</summary>
    public void Add(int parent, double noise, DrawSequence draws)
    {
        float[] inputs = _rows.InputsOf(parent).ToArray();
        for (int i = 0; i < _numeric.Length; i++)
        {
            inputs[_numeric[i]] = (float)(inputs[_numeric[i]] + noise * _inputDeviations[i] * draws.Normal());
        }

        double[] labels = _rows.LabelsOf(parent).ToArray();
        for (int t = 0; t < labels.Length; t++)
        {
            labels[t] += noise * _labelDeviations[t] * draws.Normal();
        }

        _rows.Add(inputs, labels, parent, -1, 0);
    }

    // Two passes; squares relative to the largest difference, so that labels of 1e200 or 1e-200 neither overflow nor vanish.
    private static double Deviation(IReadOnlyList<int> bump, Func<int, double> value)
    {
        double mean = 0, largest = 0, squares = 0;
        for (int i = 0; i < bump.Count; i++)
        {
            mean += value(bump[i]) / bump.Count;
        }

        for (int i = 0; i < bump.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs(value(bump[i]) - mean));
        }

        if (largest == 0 || bump.Count == 1)
        {
            return 0;
        }

        for (int i = 0; i < bump.Count; i++)
        {
            double relative = (value(bump[i]) - mean) / largest;
            squares += relative * relative;
        }

        return largest * Math.Sqrt(squares / (bump.Count - 1));
    }
}
