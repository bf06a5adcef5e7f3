using DirKernels.Labels;

namespace DirKernels.Objectives;

/// <summary>Quantiles of the distribution of training labels, smoothed by a Gaussian kernel and cut off at the lowest and the highest label.</summary>
/// <remarks>The density stands on a grid of 2,048 cells over the range of the labels: a quantile is off by at most one cell.</remarks>
public sealed class LabelQuantiles
{
    private const int Cells = 2048;
    private const double SmallestBandwidth = 1e-4;

    private readonly double _lowest;
    private readonly double _range;
    private readonly double[] _cumulative = new double[Cells + 1];

    /// <summary>Estimates the distribution.</summary>
    /// <param name="labels">[N] labels, at least one; all equal is a distribution too.</param>
    /// <param name="bandwidth">Standard deviation of the kernel, in standard deviations of the labels, positive.</param>
    /// <exception cref="InvalidDataException">There are no labels, or one is not finite (its row is named).</exception>
    public LabelQuantiles(ReadOnlySpan<double> labels, double bandwidth)
    {
        if (labels.IsEmpty)
        {
            throw new InvalidDataException("label distribution: there are no labels");
        }

        FiniteLabel.ThrowIfAnyNot(labels);
        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity, mean = 0, squares = 0;
        foreach (double label in labels)
        {
            lowest = Math.Min(lowest, label);
            highest = Math.Max(highest, label);
            mean += label / labels.Length;
        }

        _lowest = lowest;
        _range = highest - lowest;
        if (_range == 0)
        {
            return;
        }

        foreach (double label in labels)
        {
            double relative = (label - mean) / _range;
            squares += relative * relative / labels.Length;
        }

        var density = new BinnedKernelDensity(labels, lowest, _range, Math.Clamp(bandwidth * Math.Sqrt(squares), SmallestBandwidth, DenseWeight.LargestBandwidth));
        for (int cell = 0; cell < Cells; cell++)
        {
            _cumulative[cell + 1] = _cumulative[cell] + density.At((cell + 0.5) / Cells);
        }
    }

    /// <summary>The quantiles (r + 1/2)/n, r = 0..n-1, in increasing order.</summary>
    /// <param name="quantiles">Receives n numbers.</param>
    public void Fill(Span<float> quantiles)
    {
        double total = _cumulative[Cells];
        int cell = 0;
        for (int r = 0; r < quantiles.Length; r++)
        {
            double mass = (r + 0.5) / quantiles.Length * total;
            while (cell < Cells - 1 && _cumulative[cell + 1] < mass)
            {
                cell++;
            }

            double inside = _cumulative[cell + 1] - _cumulative[cell], share = inside > 0 ? Math.Clamp((mass - _cumulative[cell]) / inside, 0, 1) : 0;
            quantiles[r] = (float)(_lowest + _range * (cell + share) / Cells);
        }
    }
}
