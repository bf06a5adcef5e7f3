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
    private readonly FeatureMoments _epoch;
    private readonly RunningStatistics _statistics;
    private readonly CalibrationMaps _maps;

    /// <summary>Prepares statistics for D dimensions and B bins.</summary>
    /// <param name="dimensions">D, at least 1.</param>
    /// <param name="binCount">B, at least 1.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="backend">Where it runs; null for a CPU backend of its own.</param>
    /// <exception cref="ArgumentException">An option is out of its range; see <see cref="FeatureSmoothingOptions.Validate"/>.</exception>
    public FeatureDistributionSmoothing(int dimensions, int binCount, FeatureSmoothingOptions? options = null, IBackend? backend = null)
    {
        Options = options ?? new FeatureSmoothingOptions();
        BinShape shape = FeatureMoments.CheckedShape(dimensions, binCount, Options.Covariance);
        Options.Validate(binCount);
        _ownsBackend = backend is null;
        _backend = backend ?? new CpuBackend();
        _epoch = new FeatureMoments(shape, _backend, ownsBackend: false);
        _statistics = new RunningStatistics(_backend, shape, Options);
        _maps = new CalibrationMaps(_backend, shape, Options);
    }

    /// <summary>The options.</summary>
    public FeatureSmoothingOptions Options { get; }

    /// <summary>D.</summary>
    public int Dimensions => _epoch.Dimensions;

    /// <summary>B.</summary>
    public int BinCount => _epoch.BinCount;

    /// <summary>g: 1 diagonal, D full.</summary>
    public int BlockSize => _epoch.BlockSize;

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
    public void Accumulate(ReadOnlySpan<float> features, ReadOnlySpan<int> bins) => _epoch.Accumulate(features, bins);

    /// <summary>Merges a batch that lies on the backend.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="bins">[n] in 0..B-1; not checked.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Accumulate(DeviceView<float> features, DeviceView<int> bins) => _epoch.Accumulate(features, bins);

    /// <summary>Merges statistics of the epoch that were gathered elsewhere, on another thread or machine.</summary>
    /// <param name="part">Moments of the same B, D and covariance; not changed.</param>
    /// <exception cref="ArgumentException">The sizes differ; both are named.</exception>
    public void Accumulate(FeatureMoments part) => _epoch.Merge(part);

    /// <summary>Ends an epoch: momentum update, empty bins, smoothing of a snapshot over bins, maps.</summary>
    /// <returns>Counts and the kind of map of each bin.</returns>
    /// <remarks>Allocates its report, 9 B bytes and a little, and nothing else.</remarks>
    public FeatureStatisticsReport EndEpoch()
    {
        long[] counts = _epoch.OnBackend.CountsWithWaiting();
        _statistics.Take(_epoch, counts);
        _statistics.Smooth();
        MapOutcome[] outcomes = _maps.Solve(_statistics);
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
        HostOperands.Scope scope = _epoch.Host.Open(features, bins, calibrated);
        Calibrate(scope.Features, scope.Bins, scope.Result);
        scope.CopyResult(calibrated);
    }

    /// <summary>Calibrates features that lie on the backend; source and destination may be the same.</summary>
    public void Calibrate(DeviceView<float> features, DeviceView<int> bins, DeviceView<float> calibrated)
    {
        _epoch.Host.CheckLengths(features.Length, bins.Length, calibrated.Length);
        ThrowIfNoEpochEnded();
        _maps.Calibrate(features, bins, _epoch.OnBackend.Group(bins), _statistics.Running, calibrated);
    }

    /// <summary>Rows that <see cref="TryReserve"/> has room for at once, when it is asked for at least so many; 0 where there are too many to be kept.</summary>
    internal int RoomFor(int rows) => _epoch.OnBackend.RoomFor(rows);

    /// <summary>Memory of the statistics' own for a batch that lies on the backend, which <see cref="KeepReserved"/> then takes in without a copy.</summary>
    /// <returns>False when a batch is too large to wait for others.</returns>
    internal bool TryReserve(int rows, out DeviceView<float> features, out DeviceView<int> bins) => _epoch.OnBackend.TryReserve(rows, out features, out bins);

    /// <summary>Merges the batch that was written to reserved memory.</summary>
    internal void KeepReserved(int rows) => _epoch.OnBackend.KeepReserved(rows);

    /// <summary>Calibration by the last ended epoch of a batch that lies on the backend; none while features are not calibrated yet.</summary>
    internal FeatureCalibration CalibrationOf(DeviceView<int> bins) =>
        IsCalibrating ? _maps.For(bins, _statistics.Running) : default;

    /// <summary>Gradient of calibration, its statistics held constant: <c>dz = dz~ + T_b^T dz~</c>; source and destination may be the same.</summary>
    /// <param name="dCalibrated">[n x D].</param>
    /// <param name="bins">[n] in 0..B-1.</param>
    /// <param name="dFeatures">[n x D].</param>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    /// <exception cref="InvalidOperationException">No epoch has ended.</exception>
    public void CalibrateGradient(ReadOnlySpan<float> dCalibrated, ReadOnlySpan<int> bins, Span<float> dFeatures)
    {
        HostOperands.Scope scope = _epoch.Host.Open(dCalibrated, bins, dFeatures);
        CalibrateGradient(scope.Features, scope.Bins, scope.Result);
        scope.CopyResult(dFeatures);
    }

    /// <summary>Gradient of calibration on the backend; source and destination may be the same.</summary>
    public void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<float> dFeatures)
    {
        _epoch.Host.CheckLengths(dCalibrated.Length, bins.Length, dFeatures.Length);
        ThrowIfNoEpochEnded();
        _maps.CalibrateGradient(dCalibrated, bins, _epoch.OnBackend.OrderOf(bins), dFeatures);
    }

    /// <summary>Copies the statistics to the host; those of an epoch under way are not part of it.</summary>
    /// <param name="reused">Statistics that are not needed any more: the new ones take over their arrays.</param>
    public FeatureStatisticsState Capture(FeatureStatisticsState? reused = null) => _statistics.Capture(CompletedEpochs, reused);

    /// <summary>Continues from captured statistics; what was accumulated of the current epoch is dropped.</summary>
    /// <exception cref="InvalidDataException">The sizes are those of other dimensions or bins.</exception>
    public void Restore(FeatureStatisticsState state)
    {
        _statistics.Restore(state);
        _epoch.Clear();
        CompletedEpochs = state.CompletedEpochs;
        if (CompletedEpochs > 0)
        {
            _maps.Solve(_statistics);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _epoch.Dispose();
        _statistics.Dispose();
        _maps.Dispose();
        if (_ownsBackend)
        {
            _backend.Dispose();
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
