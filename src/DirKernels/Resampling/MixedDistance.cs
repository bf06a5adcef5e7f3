using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>
/// Heterogeneous Euclidean-overlap distance of two rows: <c>sqrt(sum over numeric columns ((a - b)/range)^2 + number of categories that differ)</c>.
/// </summary>
/// <remarks>
/// The range is that over all given rows; a constant column does not count. One-hot columns count half their squared difference, because two rows with
/// different categories differ in two of them. Source: Wilson and Martinez, "Improved heterogeneous distance functions", JAIR 6, 1997.
/// </remarks>
internal sealed class MixedDistance
{
    private static readonly double _oneHotScale = Math.Sqrt(0.5);

    private readonly double[] _lowest;
    private readonly double[] _scale;

    /// <summary>Takes the ranges of columns from rows.</summary>
    public MixedDistance(TrainingSet set, InputColumns columns)
    {
        int width = set.InputColumns;
        _lowest = new double[width];
        _scale = new double[width];
        Array.Fill(_scale, _oneHotScale);
        foreach (int column in columns.Numeric)
        {
            double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
            for (int i = column; i < set.Inputs.Length; i += width)
            {
                lowest = Math.Min(lowest, set.Inputs[i]);
                highest = Math.Max(highest, set.Inputs[i]);
            }

            _lowest[column] = lowest;
            _scale[column] = highest > lowest ? 1 / (highest - lowest) : 0;
        }
    }

    /// <summary>A value on the scale on which the distance is the plain Euclidean one; in 0..1.</summary>
    public double Scaled(float value, int column) => (value - _lowest[column]) * _scale[column];

    /// <summary>The distance of two rows of inputs.</summary>
    public double Between(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int d = 0; d < a.Length; d++)
        {
            double difference = ((double)a[d] - b[d]) * _scale[d];
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }
}
