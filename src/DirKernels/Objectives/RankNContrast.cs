using System.Numerics.Tensors;

namespace DirKernels.Objectives;

/// <summary>Rank-N-Contrast: a row's features shall be closer to those of a row with a near label than to those of any row whose label is as far or farther.</summary>
/// <remarks>
/// <para>
/// With distances <c>d_ij = |z_i - z_j|</c> of features and temperature tau:
/// <c>L = c/(n (n-1)) sum_(i, k != i) -log [exp(-d_ik/tau) / sum_(j != i, |y_i - y_j| &gt;= |y_i - y_k|) exp(-d_ij/tau)]</c>.
/// A pair of equal features has no direction, and no gradient.
/// </para>
/// <para>
/// Published as a stage of its own before a linear head is trained, with two augmented views of each image. Here it is a regulariser beside the loss
/// of the predictions, and a row of a table is one view: which keeps one stage, one validation error and one best epoch.
/// </para>
/// <para>Time: 3 n^2 D multiplications and n^2 exponentials; memory for a few rows of n.</para>
/// <para>Source: Zha, Cao, Son, Yang and Katabi, "Rank-N-Contrast: learning continuous representations for regression", NeurIPS 2023.</para>
/// </remarks>
public sealed class RankNContrast : IFeatureObjective
{
    private readonly double _weight;
    private readonly double _temperature;
    private readonly int[] _order;
    private readonly float[] _targets;
    private readonly int[] _outwards;
    private readonly double[] _distances;
    private readonly double[] _shares;
    private readonly double[] _sums;
    private readonly double[] _pulls;

    /// <summary>Prepares the term.</summary>
    /// <param name="weight">c, positive.</param>
    /// <param name="temperature">tau, positive.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    public RankNContrast(double weight, double temperature, int capacity)
    {
        new RankNContrastOptions { Weight = weight, Temperature = temperature }.Validate();
        _weight = weight;
        _temperature = temperature;
        _order = new int[capacity];
        _targets = new float[capacity];
        _outwards = new int[capacity];
        _distances = new double[capacity];
        _shares = new double[capacity];
        _sums = new double[capacity];
        _pulls = new double[capacity];
    }

    /// <inheritdoc/>
    public double Evaluate(in FeatureBatch batch, Span<float> gradient)
    {
        int rows = batch.Rows;
        gradient.Clear();
        if (rows < 2)
        {
            return 0;
        }

        Span<float> targets = _targets.AsSpan(0, rows);
        batch.Target.CopyTo(targets);
        for (int i = 0; i < rows; i++)
        {
            _order[i] = i;
        }

        targets.Sort(_order.AsSpan(0, rows));
        _pulls.AsSpan(0, rows).Clear();
        double sum = 0;
        for (int place = 0; place < rows; place++)
        {
            sum += Contrast(batch, place, gradient);
        }

        // What a row's own features contribute to its gradient, summed over all pairs that it is in.
        for (int i = 0; i < rows; i++)
        {
            Span<float> row = gradient.Slice(i * batch.Dimensions, batch.Dimensions);
            TensorPrimitives.MultiplyAdd(batch.Row(i), (float)_pulls[i], row, row);
        }

        return _weight * sum / (rows - 1);
    }

    /// <summary>The sum over k of one row i, given by its place in order of label; adds to gradients.</summary>
    private double Contrast(in FeatureBatch batch, int place, Span<float> gradient)
    {
        int i = _order[place], others = batch.Rows - 1, dimensions = batch.Dimensions;
        GoOutwards(place, others);
        ReadOnlySpan<float> own = batch.Row(i);
        double nearest = double.PositiveInfinity;
        for (int k = 0; k < others; k++)
        {
            _distances[k] = FeatureRows.Distance(own, batch.Row(_order[_outwards[k]]));
            nearest = Math.Min(nearest, _distances[k]);
        }

        Span<double> shares = _shares.AsSpan(0, others);
        TensorPrimitives.Subtract(nearest, _distances.AsSpan(0, others), shares);
        TensorPrimitives.Divide(shares, _temperature, shares);
        TensorPrimitives.Exp(shares, shares);

        // Denominators from the farthest label inwards: labels equally far are in each other's.
        double total = 0, sum = 0;
        for (int end = others, start; end > 0; end = start)
        {
            start = StartOfTies(place, end);
            for (int k = start; k < end; k++)
            {
                total += shares[k];
            }

            for (int k = start; k < end; k++)
            {
                _sums[k] = total;
                sum += (_distances[k] - nearest) / _temperature + Math.Log(total);
            }
        }

        double scale = _weight / (_temperature * batch.Rows * others), inverses = 0, pull = 0;
        Span<float> gradientOwn = gradient.Slice(i * dimensions, dimensions);
        for (int start = 0, end; start < others; start = end)
        {
            end = EndOfTies(place, start, others);
            for (int k = start; k < end; k++)
            {
                inverses += 1 / _sums[k];
            }

            for (int k = start; k < end; k++)
            {
                if (_distances[k] > 0)
                {
                    int j = _order[_outwards[k]];
                    double slope = scale * (1 - shares[k] * inverses) / _distances[k];
                    pull += slope;
                    _pulls[j] += slope;
                    FeatureRows.AddCrosswise((float)-slope, own, batch.Row(j), gradientOwn, gradient.Slice(j * dimensions, dimensions));
                }
            }
        }

        _pulls[i] += pull;
        return sum;
    }

    /// <summary>The places of the other rows by the distance of their labels.</summary>
    private void GoOutwards(int place, int others)
    {
        for (int left = place - 1, right = place + 1, k = 0; k < others; k++)
        {
            bool takesLeft = right > others || (left >= 0 && _targets[place] - _targets[left] <= _targets[right] - _targets[place]);
            _outwards[k] = takesLeft ? left-- : right++;
        }
    }

    private float LabelDistance(int place, int k) => Math.Abs(_targets[place] - _targets[_outwards[k]]);

    private int StartOfTies(int place, int end)
    {
        int start = end - 1;
        while (start > 0 && LabelDistance(place, start - 1) == LabelDistance(place, end - 1))
        {
            start--;
        }

        return start;
    }

    private int EndOfTies(int place, int start, int others)
    {
        int end = start + 1;
        while (end < others && LabelDistance(place, end) == LabelDistance(place, start))
        {
            end++;
        }

        return end;
    }
}
