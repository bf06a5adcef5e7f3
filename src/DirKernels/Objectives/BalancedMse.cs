using System.Numerics.Tensors;

namespace DirKernels.Objectives;

/// <summary>Balanced MSE: the squared error of a regression whose training labels are imbalanced but whose test labels are not.</summary>
/// <remarks>
/// <para>
/// With noise of variance <c>v = sigma^2</c> around a prediction p, label t and training labels distributed as <c>sum_k w_k N(c_k, q_k)</c>:
/// <c>l = 2 v [(p - t)^2/(2 v) + g + log sum_k exp(a_k - (p - c_k)^2/(2 (q_k + v)))]</c>, in which the factor 2 v is constant with respect to the
/// gradient. bmc: c are the targets of the batch, a = 0, q = 0, g = 0, which is the cross-entropy of picking one's own target by distance; bni: c are bin centres,
/// a = log w, q = 0, g = 0; gai: a = log w - log(q + v)/2, g = log(v)/2.
/// </para>
/// <para>
/// In training predictions, targets, sigma and c are in standardised units: 1 is the standard deviation of the training labels. The factors of the formula are
/// exact in double precision, with O(n K) exponentials of a batch of n rows, K = n for bmc; only the gradient is rounded to single precision.
/// sigma is fixed, or learnt by Adam with its own rate and never below 1e-3.
/// </para>
/// <para>Source: Ren, Zhang, Yu and Liu, "Balanced MSE for imbalanced visual regression", CVPR 2022.</para>
/// </remarks>
public sealed class BalancedMse : IPredictionObjective
{
    private readonly BalancedMseKind _kind;
    private readonly NoiseScale _noise;
    private readonly double[] _centres;
    private readonly double[]? _logWeights;
    private readonly double[]? _variances;
    private readonly double[] _offsets;
    private readonly double[] _negatedHalfPrecisions;
    private readonly double[] _differences;
    private readonly double[] _squares;
    private readonly double[] _shares;

    /// <summary>Prepares the loss.</summary>
    /// <param name="kind">Where the distribution of the labels comes from.</param>
    /// <param name="prior">That distribution: of points for bni, with variances for gai, null for bmc.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="sigma">sigma at the beginning, at least 1e-3.</param>
    /// <param name="sigmaRate">Learning rate of sigma; 0 keeps it.</param>
    /// <exception cref="ArgumentException">The prior does not fit the kind, or sigma is too small.</exception>
    public BalancedMse(BalancedMseKind kind, LabelPrior? prior, int capacity, double sigma, double sigmaRate = 0)
    {
        bool hasVariances = prior?.Variances is not null;
        if ((prior is null) != (kind == BalancedMseKind.BatchMonteCarlo) || hasVariances != (kind == BalancedMseKind.GaussianAnalyticIntegration))
        {
            throw new ArgumentException($"balanced mse: {kind} does not go with {(prior is null ? "no prior" : hasVariances ? "a prior with variances" : "a prior of points")}");
        }

        if (!(sigma >= NoiseScale.Smallest) || !double.IsFinite(sigma) || !(sigmaRate >= 0))
        {
            throw new ArgumentException($"balanced mse: sigma must be at least {NoiseScale.Smallest} and its rate not negative, but they are {sigma} and {sigmaRate}");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _kind = kind;
        _noise = new NoiseScale(sigma, sigmaRate);
        int points = prior?.Centres.Count ?? capacity;
        _centres = prior is null ? new double[points] : [.. prior.Centres];
        _logWeights = prior is null ? null : [.. prior.Weights.Select(weight => Math.Log(weight))];
        _variances = prior?.Variances is { } variances ? [.. variances] : null;
        _offsets = new double[points];
        _negatedHalfPrecisions = new double[points];
        _differences = new double[points];
        _squares = new double[points];
        _shares = new double[points];
        _logWeights?.CopyTo(_offsets, 0);
    }

    /// <summary>sigma of the noise.</summary>
    public double Sigma => _noise.Sigma;

    /// <summary>dL/dsigma of the last batch.</summary>
    public double SigmaGradient { get; private set; }

    /// <inheritdoc/>
    public Span<double> State => _noise.State;

    /// <inheritdoc/>
    public double Evaluate(in ObjectiveBatch batch, Span<float> gradient)
    {
        int rows = batch.Rows, points = _kind == BalancedMseKind.BatchMonteCarlo ? rows : _centres.Length;
        double v = _noise.Sigma * _noise.Sigma, factor = 2 * v, sum = 0, slope = 0;
        Prepare(batch.Target, points, v);
        double constant = _kind == BalancedMseKind.GaussianAnalyticIntegration ? 0.5 * Math.Log(v) : 0;
        for (int i = 0; i < rows; i++)
        {
            double p = batch.Prediction[i], error = p - batch.Target[i], weight = batch.WeightOf(i);
            double attraction = Share(p, points, v, out double logarithm, out double logarithmSlope);
            sum += weight * factor * (error * error / factor + constant + logarithm);
            gradient[i] = (float)(weight * factor * (error / v + attraction) / rows);
            slope += weight * factor * (logarithmSlope + (_variances is null ? 0 : 1 / _noise.Sigma) - error * error / (v * _noise.Sigma));
        }

        SigmaGradient = slope / rows;
        return sum;
    }

    /// <inheritdoc/>
    public void Step() => _noise.Step(SigmaGradient);

    private void Prepare(ReadOnlySpan<float> targets, int points, double v)
    {
        if (_kind == BalancedMseKind.BatchMonteCarlo)
        {
            TensorPrimitives.ConvertTruncating(targets, _centres);
        }
        else if (_variances is not null)
        {
            for (int k = 0; k < points; k++)
            {
                double variance = _variances[k] + v;
                _offsets[k] = _logWeights![k] - 0.5 * Math.Log(variance);
                _negatedHalfPrecisions[k] = -0.5 / variance;
            }
        }
    }

    /// <summary>The logarithm of the sum over points, its slopes with respect to the prediction (returned) and to sigma.</summary>
    private double Share(double p, int points, double v, out double logarithm, out double sigmaSlope)
    {
        Span<double> differences = _differences.AsSpan(0, points), squares = _squares.AsSpan(0, points), shares = _shares.AsSpan(0, points);
        TensorPrimitives.Subtract(_centres.AsSpan(0, points), p, differences);
        TensorPrimitives.Multiply(differences, differences, squares);
        ReadOnlySpan<double> offsets = _offsets.AsSpan(0, points);
        if (_variances is null)
        {
            TensorPrimitives.MultiplyAdd(squares, -0.5 / v, offsets, shares);
        }
        else
        {
            TensorPrimitives.MultiplyAdd(squares, _negatedHalfPrecisions, offsets, shares);
        }

        double largest = TensorPrimitives.Max(shares);
        TensorPrimitives.Subtract(shares, largest, shares);
        TensorPrimitives.Exp(shares, shares);
        double total = TensorPrimitives.Sum<double>(shares);
        logarithm = largest + Math.Log(total);
        if (_variances is null)
        {
            sigmaSlope = _noise.IsLearnt ? TensorPrimitives.Dot<double>(shares, squares) / (total * v * _noise.Sigma) : 0;
            return TensorPrimitives.Dot<double>(shares, differences) / (total * v);
        }

        // -1/(q + v) of each component, of which d log sum/dp and d log sum/dsigma are made.
        TensorPrimitives.Multiply(_negatedHalfPrecisions, 2.0, squares);
        TensorPrimitives.Multiply(shares, squares, shares);
        double attraction = -TensorPrimitives.Dot<double>(shares, differences) / total;
        double widening = TensorPrimitives.Sum<double>(shares);
        TensorPrimitives.Multiply(shares, squares, shares);
        TensorPrimitives.Multiply(differences, differences, squares);
        sigmaSlope = _noise.Sigma * (widening + TensorPrimitives.Dot<double>(shares, squares)) / total;
        return attraction;
    }
}
