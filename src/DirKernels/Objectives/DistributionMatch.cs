namespace DirKernels.Objectives;

/// <summary>Dist Loss: the plain loss, and the same loss between the sorted predictions of a batch and quantiles of the label distribution.</summary>
/// <remarks>
/// <para>
/// <c>L = (1/n) sum_i w_i [l(p_i - t_i) + c l(p_i - q_r(i))]</c>, r(i) the rank of prediction i in the batch and q the quantiles (r + 1/2)/n of the training
/// labels' smoothed distribution (<see cref="LabelQuantiles"/>). The gradient goes through the sorting as through the permutation that it is.
/// </para>
/// <para>
/// The published code sorts softly, with a regularisation of 0.1 or 0.01 that tends to this as it becomes small, rounds the distribution to whole rows
/// for each label, and weighs the sorted predictions with the weights of the rows in their unsorted order; here each row keeps its weight.
/// </para>
/// <para>Source: Nie, Tang and Hong, "Dist Loss: enhancing regression in few-shot region through distribution distance constraint", ICLR 2025.</para>
/// </remarks>
public sealed class DistributionMatch : IPredictionObjective
{
    private readonly RegressionLoss _loss;
    private readonly double _weight;
    private readonly LabelQuantiles _distribution;
    private readonly float[] _wholeQuantiles;
    private readonly float[] _quantiles;
    private readonly float[] _sorted;
    private readonly int[] _order;
    private int _quantileRows = -1;

    /// <summary>Prepares the loss.</summary>
    /// <param name="loss">l, of both terms.</param>
    /// <param name="weight">c, not negative.</param>
    /// <param name="distribution">Distribution of the targets.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    public DistributionMatch(RegressionLoss loss, double weight, LabelQuantiles distribution, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        loss.Validate();
        _loss = loss;
        _weight = weight;
        _distribution = distribution;
        _wholeQuantiles = new float[capacity];
        _quantiles = new float[capacity];
        _sorted = new float[capacity];
        _order = new int[capacity];
        distribution.Fill(_wholeQuantiles);
    }

    /// <inheritdoc/>
    public Span<double> State => [];

    /// <inheritdoc/>
    public double Evaluate(in ObjectiveBatch batch, Span<float> gradient)
    {
        int rows = batch.Rows;
        Span<float> sorted = _sorted.AsSpan(0, rows);
        Span<int> order = _order.AsSpan(0, rows);
        batch.Prediction.CopyTo(sorted);
        for (int i = 0; i < rows; i++)
        {
            order[i] = i;
        }

        sorted.Sort(order);
        ReadOnlySpan<float> quantiles = Quantiles(rows);
        double sum = 0;
        for (int rank = 0; rank < rows; rank++)
        {
            int i = order[rank];
            double weight = batch.WeightOf(i);
            double own = _loss.Evaluate(batch.Prediction[i] - batch.Target[i], out float slope);
            double matched = _loss.Evaluate(batch.Prediction[i] - quantiles[rank], out float matchedSlope);
            sum += weight * (own + _weight * matched);
            gradient[i] = (float)(weight * (slope + _weight * matchedSlope) / rows);
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Step()
    {
        // It learns nothing itself.
    }

    private ReadOnlySpan<float> Quantiles(int rows)
    {
        if (rows == _wholeQuantiles.Length)
        {
            return _wholeQuantiles;
        }

        // All batches but the last of an epoch are of one size, and the last ones are of another.
        Span<float> quantiles = _quantiles.AsSpan(0, rows);
        if (rows != _quantileRows)
        {
            _distribution.Fill(quantiles);
            _quantileRows = rows;
        }

        return quantiles;
    }
}
