namespace DirKernels.Objectives;

/// <summary>Negative log-likelihood of heads that say how uncertain they are, summed over their members.</summary>
/// <remarks>
/// <para>
/// With location m, scale <c>b = exp(s)</c> and target t: laplace and vote <c>l = |m - t|/b + s + log 2</c>; gaussian <c>l = (m - t)^2/(2 b^2) + s + log(2 pi)/2</c>.
/// <c>L = (1/n) sum_i w_i sum_k v_k(bin of i) l_ik</c>; v is 1 but for a vote, whose member k of K weighs rows by their label density to the power -k/(K-1), mean 1
/// over the training rows: the first member learns the many, the last one all labels alike. s is kept in -5..5 and has no slope beyond.
/// </para>
/// <para>
/// Sources: Nix and Weigend, 1994; Jiang et al., GCPR 2024, whose code estimates the density by a kernel of width 2 and lowers the learning rate of s; here the
/// density is that of the bins.
/// </para>
/// </remarks>
public sealed class LikelihoodLoss : IPredictionObjective
{
    private static readonly double _logTwo = Math.Log(2);
    private static readonly double _halfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private readonly PredictionHead _head;
    private readonly double[]? _memberWeights;

    /// <summary>Prepares the loss.</summary>
    /// <param name="head">The head, not one of values only.</param>
    /// <param name="memberWeights">[K x B] weights v of the members for rows of each bin; null for all 1.</param>
    /// <exception cref="ArgumentException">The head says values only.</exception>
    public LikelihoodLoss(PredictionHead head, double[]? memberWeights = null)
    {
        head.Validate();
        if (head.IsValue)
        {
            throw new ArgumentException("likelihood: a head that says values only has none");
        }

        _head = head;
        _memberWeights = memberWeights;
    }

    /// <inheritdoc/>
    public Span<double> State => [];

    /// <inheritdoc/>
    public double Evaluate(in ObjectiveBatch batch, Span<float> gradient)
    {
        int rows = batch.Rows, members = _head.Members, bins = _memberWeights is null ? 0 : _memberWeights.Length / members;
        double sum = 0;
        for (int i = 0; i < rows; i++)
        {
            for (int k = 0; k < members; k++)
            {
                int at = (i * members + k) * 2;
                double weight = batch.WeightOf(i) * (_memberWeights is null ? 1 : _memberWeights[k * bins + batch.Bins[i]]);
                sum += weight * Evaluate(batch.Prediction[at], batch.Prediction[at + 1], batch.Target[i], out double slope, out double scaleSlope);
                gradient[at] = (float)(weight * slope / rows);
                gradient[at + 1] = (float)(weight * scaleSlope / rows);
            }
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Step()
    {
        // It learns nothing itself.
    }

    private double Evaluate(double location, double logScale, double target, out double slope, out double scaleSlope)
    {
        double kept = Math.Clamp(logScale, -PredictionHead.LogScaleBound, PredictionHead.LogScaleBound), error = (location - target) * Math.Exp(-kept);
        bool isFree = kept == logScale;
        if (_head.Kind == PredictionHeadKind.Gaussian)
        {
            slope = error * Math.Exp(-kept);
            scaleSlope = isFree ? 1 - error * error : 0;
            return 0.5 * error * error + kept + _halfLogTwoPi;
        }

        slope = double.IsNaN(error) ? error : Math.Sign(error) * Math.Exp(-kept);
        scaleSlope = isFree ? 1 - Math.Abs(error) : 0;
        return Math.Abs(error) + kept + _logTwo;
    }
}
