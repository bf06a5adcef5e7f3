using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Features;

/// <summary>
/// Feature distribution smoothing (FDS): per label bin the mean and covariance of the features, updated with momentum each epoch, smoothed over
/// neighbouring bins, and used to whiten and re-colour every training feature before the last layer.
/// </summary>
/// <remarks>
/// <para>
/// During an epoch <see cref="Accumulate(DeviceView{float}, DeviceView{int})"/> merges batches of uncalibrated features, in one pass and with any batch
/// size; <see cref="EndEpoch"/> takes the epoch's statistics (divisor N_b - 1) into the running ones (<c>running = m running + (1-m) epoch</c>; the first
/// epoch of a bin overwrites), smooths a snapshot of them over bins and solves the maps; <see cref="Calibrate(DeviceView{float}, DeviceView{int}, DeviceView{float})"/>
/// then computes <c>z + a (A_b (z - mu_b) + mu~_b - z)</c> with the statistics of the last ended epoch. Prediction never needs any of it.
/// </para>
/// <para>
/// Covariances are [B x D x g], g the block size, lower triangles. The maps come from Cholesky factors, <c>A_b L_b = L~_b</c>, so A_b is lower
/// triangular; symmetric square roots would give a map that differs by a rotation.
/// Source: Yang et al., "Delving into Deep Imbalanced Regression", ICML 2021, section 3.2; merging by Chan, Golub and LeVeque, 1979.
/// </para>
/// <para>One epoch is accumulated and ended by one thread at a time; the object is not thread-safe.</para>
/// </remarks>
public sealed class FeatureDistributionSmoothing : IDisposable
{
    private readonly IBackend _backend;
    private readonly bool _ownsBackend;
    private readonly BinShape _shape;
    private readonly long[] _samplesSeen;
    private readonly long[] _lastCounts;
    private readonly DeviceBuffer<long> _counts;
    private readonly DeviceBuffer<double> _epochMeans;
    private readonly DeviceBuffer<double> _epochScatters;
    private readonly DeviceBuffer<float> _runningMeans;
    private readonly DeviceBuffer<float> _runningCovariances;
    private readonly DeviceBuffer<float> _smoothedMeans;
    private readonly DeviceBuffer<float> _smoothedCovariances;
    private readonly DeviceBuffer<float> _maps;
    private readonly DeviceBuffer<float> _transposedMaps;
    private readonly DeviceBuffer<float> _shifts;
    private readonly DeviceBuffer<int> _offsets;
    private readonly HostOperands _host;
    private readonly StagedRows? _staging;
    private DeviceBuffer<int> _rows;
    private DeviceView<int> _grouped;

    /// <summary>Prepares statistics for D dimensions and B bins.</summary>
    /// <param name="dimensions">D, at least 1.</param>
    /// <param name="binCount">B, at least 1.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="backend">Where it runs; null for a CPU backend of its own.</param>
    /// <exception cref="ArgumentException">An option is out of its range; see <see cref="FeatureSmoothingOptions.Validate"/>.</exception>
    public FeatureDistributionSmoothing(int dimensions, int binCount, FeatureSmoothingOptions? options = null, IBackend? backend = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        Options = options ?? new FeatureSmoothingOptions();
        Options.Validate(binCount);
        _ownsBackend = backend is null;
        _backend = backend ?? new CpuBackend();
        _shape = new BinShape(binCount, dimensions, Options.Covariance.BlockSize(dimensions));
        long meanLength = (long)binCount * dimensions, covarianceLength = (long)binCount * _shape.CovarianceWidth;
        _samplesSeen = new long[binCount];
        _lastCounts = new long[binCount];
        _counts = _backend.Allocate<long>(binCount);
        _epochMeans = _backend.Allocate<double>(meanLength);
        _epochScatters = _backend.Allocate<double>(covarianceLength);
        _runningMeans = _backend.Allocate<float>(meanLength);
        _runningCovariances = _backend.Allocate<float>(covarianceLength);
        _smoothedMeans = _backend.Allocate<float>(meanLength);
        _smoothedCovariances = _backend.Allocate<float>(covarianceLength);
        _maps = _backend.Allocate<float>(covarianceLength);
        _transposedMaps = BlockSize == 1 ? _maps : _backend.Allocate<float>(covarianceLength);
        _shifts = _backend.Allocate<float>(meanLength);
        _offsets = _backend.Allocate<int>(binCount + 1);
        _rows = _backend.Allocate<int>(0);
        _host = new HostOperands(_backend, dimensions);

        // Merging a batch into a block costs a visit of its whole scatter matrix, however few rows of the bin the batch has.
        _staging = BlockSize > 1 ? new StagedRows(_backend, dimensions, binCount) : null;
        StartWithUnitVariance();
    }

    /// <summary>The options.</summary>
    public FeatureSmoothingOptions Options { get; }

    /// <summary>D.</summary>
    public int Dimensions => _shape.Dimensions;

    /// <summary>B.</summary>
    public int BinCount => _shape.Bins;

    /// <summary>g: 1 diagonal, D full.</summary>
    public int BlockSize => _shape.BlockSize;

    /// <summary>Epochs that have ended.</summary>
    public int CompletedEpochs { get; private set; }

    /// <summary>Whether features of the current epoch are calibrated.</summary>
    public bool IsCalibrating => CompletedEpochs >= Options.FirstCalibratedEpoch;

    /// <summary>What the last ended epoch did to each bin; null before the first.</summary>
    public FeatureStatisticsReport? Report { get; private set; }

    /// <summary>Merges a batch of uncalibrated features into the statistics of the epoch.</summary>
    /// <param name="features">[n x D], row-major, finite.</param>
    /// <param name="bins">[n] in 0..B-1.</param>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    public void Accumulate(ReadOnlySpan<float> features, ReadOnlySpan<int> bins)
    {
        CheckHostOperands(features.Length, bins, features.Length);
        HostOperands.Scope scope = _host.Open(features, bins);
        Accumulate(scope.Features, scope.Bins);
    }

    /// <summary>Merges a batch that lies on the backend.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="bins">[n] in 0..B-1; not checked.</param>
    public void Accumulate(DeviceView<float> features, DeviceView<int> bins)
    {
        CheckLengths(features.Length, bins.Length, features.Length);
        if (_rows.Length < bins.Length)
        {
            _rows.Dispose();
            _rows = _backend.Allocate<int>(bins.Length);
        }

        DeviceView<int> rows = _rows.Slice(0, bins.Length);
        _backend.GroupByBin(bins, rows, _offsets);
        _grouped = bins;
        if (_staging is not null && bins.Length < _staging.Capacity)
        {
            if (!_staging.TryAdd(features, bins))
            {
                Flush(_staging);
                _staging.TryAdd(features, bins);
            }
        }
        else
        {
            _backend.AccumulateMoments(features, rows, _offsets, _shape, _counts, _epochMeans, _epochScatters);
        }
    }

    /// <summary>Ends an epoch: momentum update, empty bins, smoothing of a snapshot over bins, maps.</summary>
    /// <returns>Counts and the kind of map of each bin.</returns>
    public FeatureStatisticsReport EndEpoch()
    {
        if (_staging is not null)
        {
            Flush(_staging);
        }

        var counts = new long[BinCount];
        _backend.CopyOut(_counts, counts.AsSpan());
        UpdateRunningStatistics(counts);
        if (Options.EmptyBins == EmptyBins.Fill)
        {
            FillEmptyBins(counts);
        }

        BinTaps taps = SmoothingTaps.Build(Options, _samplesSeen);
        _backend.CombineBins(_runningMeans, taps, Dimensions, _smoothedMeans);
        _backend.CombineBins(_runningCovariances, taps, _shape.CovarianceWidth, _smoothedCovariances);
        MapOutcome[] outcomes = SolveMaps();
        _backend.Clear<long>(_counts);
        _backend.Clear<double>(_epochMeans);
        _backend.Clear<double>(_epochScatters);
        return Report = new FeatureStatisticsReport(CompletedEpochs++, counts, outcomes);
    }

    /// <summary>Calibrates features with the statistics of the last ended epoch; source and destination may be the same.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="bins">[n] in 0..B-1.</param>
    /// <param name="calibrated">[n x D].</param>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    /// <exception cref="InvalidOperationException">No epoch has ended.</exception>
    public void Calibrate(ReadOnlySpan<float> features, ReadOnlySpan<int> bins, Span<float> calibrated)
    {
        CheckHostOperands(features.Length, bins, calibrated.Length);
        HostOperands.Scope scope = _host.Open(features, bins, calibrated);
        Calibrate(scope.Features, scope.Bins, scope.Result);
        scope.CopyResult(calibrated);
    }

    /// <summary>Calibrates features that lie on the backend; source and destination may be the same.</summary>
    public void Calibrate(DeviceView<float> features, DeviceView<int> bins, DeviceView<float> calibrated)
    {
        CheckLengths(features.Length, bins.Length, calibrated.Length);
        ThrowIfNoEpochEnded();
        _backend.Calibrate(features, bins, VisitingOrder(bins), _shape, _runningMeans, _transposedMaps, _shifts, calibrated);
    }

    /// <summary>Gradient of calibration, its statistics held constant: <c>dz = dz~ + T_b^T dz~</c>; source and destination may be the same.</summary>
    /// <param name="dCalibrated">[n x D].</param>
    /// <param name="bins">[n] in 0..B-1.</param>
    /// <param name="dFeatures">[n x D].</param>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    /// <exception cref="InvalidOperationException">No epoch has ended.</exception>
    public void CalibrateGradient(ReadOnlySpan<float> dCalibrated, ReadOnlySpan<int> bins, Span<float> dFeatures)
    {
        CheckHostOperands(dCalibrated.Length, bins, dFeatures.Length);
        HostOperands.Scope scope = _host.Open(dCalibrated, bins, dFeatures);
        CalibrateGradient(scope.Features, scope.Bins, scope.Result);
        scope.CopyResult(dFeatures);
    }

    /// <summary>Gradient of calibration on the backend; source and destination may be the same.</summary>
    public void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<float> dFeatures)
    {
        CheckLengths(dCalibrated.Length, bins.Length, dFeatures.Length);
        ThrowIfNoEpochEnded();
        _backend.CalibrateGradient(dCalibrated, bins, VisitingOrder(bins), _shape, _maps, dFeatures);
    }

    /// <summary>Copies the statistics to the host; those of an epoch under way are not part of it.</summary>
    public FeatureStatisticsState Capture() => new()
    {
        CompletedEpochs = CompletedEpochs,
        SamplesSeen = [.. _samplesSeen],
        LastCounts = [.. _lastCounts],
        RunningMeans = ToHost(_runningMeans),
        RunningCovariances = ToHost(_runningCovariances),
        SmoothedMeans = ToHost(_smoothedMeans),
        SmoothedCovariances = ToHost(_smoothedCovariances),
    };

    /// <summary>Continues from captured statistics; what was accumulated of the current epoch is dropped.</summary>
    /// <exception cref="InvalidDataException">The sizes are those of other dimensions or bins.</exception>
    public void Restore(FeatureStatisticsState state)
    {
        long covariances = (long)BinCount * _shape.CovarianceWidth, means = (long)BinCount * Dimensions;
        if (state.SamplesSeen.Length != BinCount || state.LastCounts.Length != BinCount
            || state.RunningMeans.Length != means || state.SmoothedMeans.Length != means
            || state.RunningCovariances.Length != covariances || state.SmoothedCovariances.Length != covariances)
        {
            throw new InvalidDataException(
                $"feature statistics have {state.SamplesSeen.Length} bins and {state.RunningMeans.Length} means, but [{BinCount} x {Dimensions}] was expected");
        }

        state.SamplesSeen.CopyTo(_samplesSeen, 0);
        state.LastCounts.CopyTo(_lastCounts, 0);
        _backend.CopyIn<float>(state.RunningMeans, _runningMeans);
        _backend.CopyIn<float>(state.RunningCovariances, _runningCovariances);
        _backend.CopyIn<float>(state.SmoothedMeans, _smoothedMeans);
        _backend.CopyIn<float>(state.SmoothedCovariances, _smoothedCovariances);
        _staging?.Clear();
        _backend.Clear<long>(_counts);
        _backend.Clear<double>(_epochMeans);
        _backend.Clear<double>(_epochScatters);
        CompletedEpochs = state.CompletedEpochs;
        if (CompletedEpochs > 0)
        {
            // Maps are a function of the statistics: solved again, they have the same bits.
            SolveMaps();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _counts.Dispose();
        _epochMeans.Dispose();
        _epochScatters.Dispose();
        _runningMeans.Dispose();
        _runningCovariances.Dispose();
        _smoothedMeans.Dispose();
        _smoothedCovariances.Dispose();
        _maps.Dispose();
        _transposedMaps.Dispose();
        _shifts.Dispose();
        _offsets.Dispose();
        _rows.Dispose();
        _host.Dispose();
        _staging?.Dispose();
        if (_ownsBackend)
        {
            _backend.Dispose();
        }
    }

    private void Flush(StagedRows staged)
    {
        if (staged.Count > 0)
        {
            DeviceView<int> order = staged.Group();
            _backend.AccumulateMoments(staged.Features, order, staged.Offsets, _shape, _counts, _epochMeans, _epochScatters);
            staged.Clear();
        }
    }

    private void StartWithUnitVariance()
    {
        var covariances = new float[_runningCovariances.Length];
        for (int b = 0; b < BinCount; b++)
        {
            for (int i = 0; i < Dimensions; i++)
            {
                covariances[(long)b * _shape.CovarianceWidth + (long)i * BlockSize + i % BlockSize] = 1;
            }
        }

        _backend.CopyIn<float>(covariances, _runningCovariances);
        _backend.CopyIn<float>(covariances, _smoothedCovariances);
    }

    private void UpdateRunningStatistics(long[] counts)
    {
        var keep = new double[BinCount];
        var take = new double[BinCount];
        var takeScatter = new double[BinCount];
        for (int b = 0; b < BinCount; b++)
        {
            keep[b] = 1;
            if (counts[b] > 0)
            {
                bool first = _samplesSeen[b] == 0;
                _samplesSeen[b] += counts[b];
                _lastCounts[b] = counts[b];
                keep[b] = first ? 0 : Options.Momentum ?? 1 - (double)counts[b] / _samplesSeen[b];
                take[b] = 1 - keep[b];
                takeScatter[b] = take[b] / Math.Max(1, counts[b] - 1);
            }
        }

        _backend.BlendBins(_epochMeans, keep, take, Dimensions, _runningMeans);
        _backend.BlendBins(_epochScatters, keep, takeScatter, _shape.CovarianceWidth, _runningCovariances);
    }

    private void FillEmptyBins(long[] counts)
    {
        if (BinCount == 1)
        {
            return;
        }

        for (int b = 0; b < BinCount; b++)
        {
            if (counts[b] == 0)
            {
                var neighbours = new BinTaps(1, 2);
                neighbours.Indices[0] = b == 0 ? 1 : b - 1;
                neighbours.Indices[1] = b == BinCount - 1 ? b - 1 : b + 1;
                neighbours.Weights[0] = neighbours.Weights[1] = 0.5f;
                _backend.CombineBins(_runningMeans, neighbours, Dimensions, _runningMeans.Slice((long)b * Dimensions, Dimensions));
                int width = _shape.CovarianceWidth;
                _backend.CombineBins(_runningCovariances, neighbours, width, _runningCovariances.Slice((long)b * width, width));
            }
        }
    }

    private MapOutcome[] SolveMaps()
    {
        long needed = Options.Shrinkage.IsActive ? 2 : BlockSize + 1;
        var treatment = new MapTreatment[BinCount];
        for (int b = 0; b < BinCount; b++)
        {
            bool seen = _samplesSeen[b] > 0;
            treatment[b] = !seen && Options.EmptyBins == EmptyBins.Exclude ? MapTreatment.Identity
                : seen && BlockSize > 1 && _lastCounts[b] < needed ? MapTreatment.Diagonal
                : MapTreatment.Full;
        }

        var outcomes = new MapOutcome[BinCount];
        var mapping = new MapOptions(
            Options.ClipLower,
            Options.ClipUpper,
            Options.Strength,
            Options.Parts == CalibrationParts.Mean,
            Options.Shrinkage.Share,
            Options.Shrinkage.IsEstimated,
            _lastCounts,
            treatment);
        _backend.SolveMaps(
            mapping,
            _shape,
            new BinStatistics(_runningMeans, _runningCovariances),
            new BinStatistics(_smoothedMeans, _smoothedCovariances),
            _maps,
            _shifts,
            outcomes);
        if (BlockSize > 1)
        {
            _backend.TransposeMaps(_maps, _shape, _transposedMaps);
        }

        return outcomes;
    }

    // A batch that was accumulated just now is grouped already. Should its bins have changed since, this is still an order of its rows.
    private DeviceView<int> VisitingOrder(DeviceView<int> bins) =>
        ReferenceEquals(bins.Buffer, _grouped.Buffer) && bins.Offset == _grouped.Offset && bins.Length == _grouped.Length && !bins.IsAbsent
            ? _rows.Slice(0, bins.Length)
            : default;

    private float[] ToHost(DeviceBuffer<float> buffer)
    {
        var copy = new float[buffer.Length];
        _backend.CopyOut(buffer, copy.AsSpan());
        return copy;
    }

    private void CheckHostOperands(int features, ReadOnlySpan<int> bins, int result)
    {
        CheckLengths(features, bins.Length, result);
        for (int i = 0; i < bins.Length; i++)
        {
            if ((uint)bins[i] >= (uint)BinCount)
            {
                throw new ArgumentException($"bin of row {i} (counted from 0) is {bins[i]}, but there are {BinCount} bins");
            }
        }
    }

    private void CheckLengths(long features, long bins, long result)
    {
        if (features != bins * Dimensions)
        {
            throw new ArgumentException($"features has {features} elements, rows of {Dimensions}, but bins has {bins} entries");
        }

        if (result != features)
        {
            throw new ArgumentException($"features has {features} elements but the destination has {result}");
        }
    }

    private void ThrowIfNoEpochEnded()
    {
        if (CompletedEpochs == 0)
        {
            throw new InvalidOperationException("no epoch of feature statistics has ended: call EndEpoch first");
        }
    }
}
