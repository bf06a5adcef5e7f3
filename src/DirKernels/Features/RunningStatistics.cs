using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Means and covariances of the bins, carried from epoch to epoch, and their snapshot smoothed over bins.</summary>
internal sealed class RunningStatistics : IDisposable
{
    private readonly IBackend _backend;
    private readonly BinShape _shape;
    private readonly FeatureSmoothingOptions _options;
    private readonly long[] _samplesSeen;
    private readonly long[] _lastCounts;
    private readonly BlendWeights _weights;
    private readonly BinTaps _taps;
    private readonly BinTaps _neighbours = new(1, 2);
    private readonly DeviceBuffer<float> _means;
    private readonly DeviceBuffer<float> _covariances;
    private readonly DeviceBuffer<float> _smoothedMeans;
    private readonly DeviceBuffer<float> _smoothedCovariances;

    // Otherwise they are what the taps make of the running ones, which change only right before they are smoothed again.
    private bool _hasSmoothedCovariances = true;

    /// <summary>Statistics of bins never seen: mean 0, variance 1.</summary>
    public RunningStatistics(IBackend backend, BinShape shape, FeatureSmoothingOptions options)
    {
        _backend = backend;
        _shape = shape;
        _options = options;
        _samplesSeen = new long[shape.Bins];
        _lastCounts = new long[shape.Bins];
        _weights = new BlendWeights(shape.Bins);
        _taps = new BinTaps(shape.Bins, options.Kernel.Size);
        long meanLength = (long)shape.Bins * shape.Dimensions, covarianceLength = (long)shape.Bins * shape.CovarianceWidth;
        _means = backend.Allocate<float>(meanLength);
        _covariances = backend.Allocate<float>(covarianceLength);
        _smoothedMeans = backend.Allocate<float>(meanLength);
        _smoothedCovariances = backend.Allocate<float>(covarianceLength);
        StartWithUnitVariance();
    }

    /// <summary>[B] samples of all epochs.</summary>
    public ReadOnlySpan<long> SamplesSeen => _samplesSeen;

    /// <summary>[B] samples of the last epoch in which the bin was seen.</summary>
    public ReadOnlyMemory<long> LastCounts => _lastCounts;

    /// <summary>The running statistics.</summary>
    public BinStatistics Running => new(_means, _covariances);

    /// <summary>
    /// Takes an epoch in, which forgets its samples: <c>running = m running + (1 - m) epoch</c>, covariances with the divisor n - 1; then the rule of empty bins.
    /// </summary>
    /// <param name="epoch">The epoch's moments.</param>
    /// <param name="counts">[B] their counts.</param>
    public void Take(FeatureMoments epoch, ReadOnlySpan<long> counts)
    {
        for (int b = 0; b < counts.Length; b++)
        {
            (double keep, double take) = (1, 0);
            if (counts[b] > 0)
            {
                bool first = _samplesSeen[b] == 0;
                _samplesSeen[b] += counts[b];
                _lastCounts[b] = counts[b];
                keep = first ? 0 : _options.Momentum ?? 1 - (double)counts[b] / _samplesSeen[b];
                take = 1 - keep;
            }

            (_weights.Keep[b], _weights.Take[b], _weights.TakeScatter[b]) = (keep, take, take / Math.Max(1, counts[b] - 1));
        }

        epoch.OnBackend.BlendInto(_weights, Running);
        if (_options.EmptyBins == EmptyBins.Fill && _shape.Bins > 1)
        {
            FillEmptyBins(counts);
        }
    }

    /// <summary>Smooths a snapshot of the running statistics over bins; of covariances once somebody asks for them.</summary>
    public void Smooth()
    {
        SmoothingTaps.Fill(_options, _samplesSeen, _taps);
        _backend.CombineBins(_means, _taps, _shape.Dimensions, _smoothedMeans);
        _hasSmoothedCovariances = false;
    }

    /// <summary>Solves the maps from the running statistics to the smoothed ones.</summary>
    /// <param name="mapping">How.</param>
    /// <param name="maps">Receives the maps and shifts.</param>
    /// <param name="outcomes">[B], receives what happened to each bin.</param>
    public void SolveMaps(in MapOptions mapping, in SolvedMaps maps, Span<MapOutcome> outcomes)
    {
        var smoothed = new BinStatistics(_smoothedMeans, _smoothedCovariances);
        if (_hasSmoothedCovariances)
        {
            _backend.SolveMaps(mapping, _shape, Running, smoothed, maps, outcomes);
        }
        else
        {
            _hasSmoothedCovariances = _backend.SmoothAndSolveMaps(mapping, _shape, Running, _taps, smoothed, maps, outcomes);
        }
    }

    /// <summary>Copies everything to the host.</summary>
    /// <param name="completedEpochs">Epochs that have ended.</param>
    /// <param name="reused">Gives its arrays; null for new ones.</param>
    public FeatureStatisticsState Capture(int completedEpochs, FeatureStatisticsState? reused)
    {
        if (!_hasSmoothedCovariances)
        {
            _backend.CombineCovariances(_covariances, _taps, _shape, _smoothedCovariances);
            _hasSmoothedCovariances = true;
        }

        return new FeatureStatisticsState
        {
            CompletedEpochs = completedEpochs,
            SamplesSeen = [.. _samplesSeen],
            LastCounts = [.. _lastCounts],
            RunningMeans = _backend.Download(_means, reused?.RunningMeans),
            RunningCovariances = _backend.Download(_covariances, reused?.RunningCovariances),
            SmoothedMeans = _backend.Download(_smoothedMeans, reused?.SmoothedMeans),
            SmoothedCovariances = _backend.Download(_smoothedCovariances, reused?.SmoothedCovariances),
        };
    }

    /// <summary>Continues from captured statistics.</summary>
    /// <exception cref="InvalidDataException">The sizes are those of other dimensions or bins, or the numbers are no means and covariances.</exception>
    public void Restore(FeatureStatisticsState state)
    {
        if (state.SamplesSeen.Length != _shape.Bins || state.LastCounts.Length != _shape.Bins
            || state.RunningMeans.Length != _means.Length || state.SmoothedMeans.Length != _means.Length
            || state.RunningCovariances.Length != _covariances.Length || state.SmoothedCovariances.Length != _covariances.Length)
        {
            throw new InvalidDataException(
                $"feature statistics have {state.SamplesSeen.Length} bins and {state.RunningMeans.Length} means, but [{_shape.Bins} x {_shape.Dimensions}] was expected");
        }

        StatisticsValidity.Check(state, _shape);
        state.SamplesSeen.CopyTo(_samplesSeen, 0);
        state.LastCounts.CopyTo(_lastCounts, 0);
        _backend.CopyIn<float>(state.RunningMeans, _means);
        _backend.CopyIn<float>(state.RunningCovariances, _covariances);
        _backend.CopyIn<float>(state.SmoothedMeans, _smoothedMeans);
        _backend.CopyIn<float>(state.SmoothedCovariances, _smoothedCovariances);
        _hasSmoothedCovariances = true;
    }

    public void Dispose()
    {
        _means.Dispose();
        _covariances.Dispose();
        _smoothedMeans.Dispose();
        _smoothedCovariances.Dispose();
    }

    private void StartWithUnitVariance()
    {
        var covariances = new float[_covariances.Length];
        for (int b = 0; b < _shape.Bins; b++)
        {
            for (int i = 0; i < _shape.Dimensions; i++)
            {
                covariances[(long)b * _shape.CovarianceWidth + (long)i * _shape.BlockSize + i % _shape.BlockSize] = 1;
            }
        }

        _backend.CopyIn<float>(covariances, _covariances);
        _backend.CopyIn<float>(covariances, _smoothedCovariances);
    }

    // From left to right: a filled bin is a neighbour of the next.
    private void FillEmptyBins(ReadOnlySpan<long> counts)
    {
        int last = _shape.Bins - 1, width = _shape.CovarianceWidth;
        _neighbours.Weights.AsSpan().Fill(0.5f);
        for (int b = 0; b <= last; b++)
        {
            if (counts[b] == 0)
            {
                _neighbours.Indices[0] = b == 0 ? 1 : b - 1;
                _neighbours.Indices[1] = b == last ? b - 1 : b + 1;
                _backend.CombineBins(_means, _neighbours, _shape.Dimensions, _means.Slice((long)b * _shape.Dimensions, _shape.Dimensions));
                _backend.CombineBins(_covariances, _neighbours, width, _covariances.Slice((long)b * width, width));
            }
        }
    }
}
