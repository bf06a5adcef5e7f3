using System.Numerics.Tensors;
using DirKernels.Labels;

namespace DirKernels.Features;

/// <summary>
/// Transport: in training, a row's features are moved from its label bin to another one, and its label with them, so that rare labels are seen more often
/// without weights.
/// </summary>
/// <remarks>
/// <para>
/// For a row of bin b a bin b' is drawn with probability proportional to <c>exp(-(b - b')^2/(2 r^2)) / density(b')^0.5</c> among bins with training rows; r is the
/// standard deviation of the residuals of the last epoch in bins, density the effective density of the training labels. Then
/// <c>z~ = z + m_b' - m_b</c> and the label moves by <c>c_b' - c_b</c>: m are the bin means of the features, smoothed by count-weighted lines with sigma 3 bins
/// (<see cref="LocalLinearMeans"/>), c the centres of the bins. The moves are constants with respect to the gradient. Nothing moves in the first epoch, which
/// has no means yet. The draw of a row is a function of (seed, epoch, row).
/// </para>
/// <para>One epoch is accumulated and ended by one thread at a time; the object is not thread-safe.</para>
/// </remarks>
public sealed class FeatureTransport
{
    // Kernel values below exp(-18) of the largest are left out.
    private const double ReachInDeviations = 6;

    private readonly TransportOptions _options;
    private readonly LabelBins _bins;
    private readonly ulong _seed;
    private readonly int _dimensions;
    private readonly double _binsPerUnit;
    private readonly double[] _attraction;
    private readonly double[] _means;
    private readonly double[] _counts;
    private readonly double[] _smoothed;
    private readonly float[] _moves;
    private readonly double[] _taps;
    private int _reach;
    private ulong _stream;

    /// <summary>Prepares transport between bins.</summary>
    /// <param name="dimensions">D.</param>
    /// <param name="labels">[N] training labels, finite; their bins are those that rows can be moved to.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or B x D is beyond an array.</exception>
    /// <exception cref="InvalidDataException">A label is not finite; its row is named.</exception>
    public FeatureTransport(int dimensions, ReadOnlySpan<double> labels, LabelBins bins, TransportOptions options, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        options.Validate();
        if ((long)bins.Count * dimensions > Array.MaxLength)
        {
            throw new ArgumentException($"transport: means of {bins.Count} bins and {dimensions} dimensions are more than an array holds");
        }

        _options = options;
        _bins = bins;
        _seed = CounterRandom.Stream(seed, 0x6);
        _dimensions = dimensions;
        _binsPerUnit = bins.Count > 1 ? (bins.Count - 1) / (bins.Centre(bins.Count - 1) - bins.Centre(0)) : 0;
        LabelWeights density = LabelDistributionSmoothing.Fit(labels, bins, options.DensityWindow, Reweighting.Power(1), options.DensityBoundary);
        _attraction = [.. Enumerable.Range(0, bins.Count).Select(b => density.Counts[b] > 0 ? 1 / Math.Sqrt(density.Density[b]) : 0)];
        _means = new double[bins.Count * dimensions];
        _smoothed = new double[_means.Length];
        _moves = new float[_means.Length];
        _counts = new double[bins.Count];
        _taps = new double[bins.Count];
    }

    /// <summary>Whether an epoch has ended, so that there are means to move by.</summary>
    public bool IsMoving => double.IsFinite(ResidualDeviation);

    /// <summary>Standard deviation of the residuals of the last epoch, in bins; NaN before the first has ended.</summary>
    public double ResidualDeviation { get; private set; } = double.NaN;

    /// <summary>Chooses the random numbers of an epoch.</summary>
    /// <param name="epoch">Number of the epoch.</param>
    public void StartEpoch(int epoch) => _stream = CounterRandom.Stream(_seed, (ulong)epoch);

    /// <summary>Takes in what an epoch has shown.</summary>
    /// <param name="moments">Moments of the features before transport, of which counts and means are read.</param>
    /// <param name="residualDeviation">Standard deviation of prediction - label before transport, in the unit of the labels.</param>
    /// <exception cref="ArgumentException">The moments are those of other bins or dimensions.</exception>
    public void EndEpoch(FeatureMoments moments, double residualDeviation)
    {
        if (moments.BinCount != _bins.Count || moments.Dimensions != _dimensions)
        {
            throw new ArgumentException($"transport is between {_bins.Count} bins of {_dimensions} dimensions, but the moments are of {moments.BinCount} and {moments.Dimensions}");
        }

        long[] counts = moments.Counts();
        double[] mean = new double[_dimensions], scatter = new double[moments.Shape.CovarianceWidth];
        for (int b = 0; b < counts.Length; b++)
        {
            if (counts[b] > 0)
            {
                moments.OnBackend.CopyOut(b, mean, scatter);
                double keep = _counts[b] > 0 ? _options.Momentum : 0;
                Span<double> running = _means.AsSpan(b * _dimensions, _dimensions);
                TensorPrimitives.Multiply(running, keep, running);
                TensorPrimitives.MultiplyAdd(mean, 1 - keep, running, running);
                _counts[b] = counts[b];
            }
        }

        ResidualDeviation = residualDeviation * _binsPerUnit;
        Prepare();
    }

    /// <summary>The bins that rows are moved to.</summary>
    /// <param name="rows">[n] numbers of the rows in the training set.</param>
    /// <param name="bins">[n] their bins.</param>
    /// <param name="destinations">[n] receives bins.</param>
    public void Draw(ReadOnlySpan<int> rows, ReadOnlySpan<int> bins, Span<int> destinations)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            destinations[i] = Draw(bins[i], (CounterRandom.Bits(_stream, (ulong)rows[i]) >> 11) * (1.0 / (1L << 53)));
        }
    }

    /// <summary>Moves features: <c>moved_i = features_i + m_destination - m_bin</c>.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="bins">[n].</param>
    /// <param name="destinations">[n].</param>
    /// <param name="moved">[n x D]; may be the same memory as <paramref name="features"/>.</param>
    public void Move(ReadOnlySpan<float> features, ReadOnlySpan<int> bins, ReadOnlySpan<int> destinations, Span<float> moved)
    {
        for (int i = 0; i < bins.Length; i++)
        {
            Span<float> row = moved.Slice(i * _dimensions, _dimensions);
            ReadOnlySpan<float> from = _moves.AsSpan(bins[i] * _dimensions, _dimensions), to = _moves.AsSpan(destinations[i] * _dimensions, _dimensions);
            TensorPrimitives.Add(features.Slice(i * _dimensions, _dimensions), to, row);
            TensorPrimitives.Subtract(row, from, row);
        }
    }

    /// <summary>What the label of a row moves by: the difference of the bins' centres.</summary>
    public double LabelMove(int bin, int destination) => bin == destination ? 0 : _bins.Centre(destination) - _bins.Centre(bin);

    /// <summary>Copies what is carried from epoch to epoch.</summary>
    public TransportState Capture() => new() { Means = [.. _means], Counts = [.. _counts], ResidualDeviation = ResidualDeviation };

    /// <summary>Continues from captured numbers.</summary>
    /// <exception cref="InvalidDataException">They are those of other bins or dimensions.</exception>
    public void Restore(TransportState state)
    {
        if (state.Means.Length != _means.Length || state.Counts.Length != _counts.Length)
        {
            throw new InvalidDataException(
                $"the checkpoint has means of {state.Counts.Length} bins with {state.Means.Length} numbers, but transport is between {_counts.Length} bins with {_means.Length}");
        }

        state.Means.CopyTo(_means, 0);
        state.Counts.CopyTo(_counts, 0);
        ResidualDeviation = state.ResidualDeviation;
        Prepare();
    }

    private void Prepare()
    {
        if (!IsMoving)
        {
            return;
        }

        LocalLinearMeans.Smooth(_means, _counts, _options.MeansSigma, _smoothed);
        TensorPrimitives.ConvertTruncating<double, float>(_smoothed, _moves);
        _reach = (int)Math.Min(_bins.Count - 1, Math.Ceiling(ReachInDeviations * ResidualDeviation));
        for (int x = 0; x <= _reach; x++)
        {
            _taps[x] = x == 0 ? 1 : Math.Exp(-0.5 * x * x / (ResidualDeviation * ResidualDeviation));
        }
    }

    private int Draw(int bin, double uniform)
    {
        int first = Math.Max(0, bin - _reach), last = Math.Min(_bins.Count - 1, bin + _reach);
        double total = 0;
        for (int b = first; b <= last; b++)
        {
            total += _taps[Math.Abs(b - bin)] * _attraction[b];
        }

        double left = uniform * total;
        int chosen = bin;
        for (int b = first; b <= last; b++)
        {
            double mass = _taps[Math.Abs(b - bin)] * _attraction[b];
            if (mass > 0)
            {
                chosen = b;
                left -= mass;
                if (left < 0)
                {
                    break;
                }
            }
        }

        return chosen;
    }
}
