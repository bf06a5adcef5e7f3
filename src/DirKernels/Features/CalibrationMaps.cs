using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>The affine map of each bin that whitens with its running statistics and re-colours with the smoothed ones.</summary>
internal sealed class CalibrationMaps : IDisposable
{
    private readonly IBackend _backend;
    private readonly BinShape _shape;
    private readonly FeatureSmoothingOptions _options;
    private readonly MapTreatment[] _treatment;
    private readonly DeviceBuffer<float> _maps;
    private readonly DeviceBuffer<float> _shifts;
    private DeviceBuffer<float>? _transposed;
    private readonly DeviceBuffer<float>? _packed;
    private bool _isTransposed;
    private bool _isPacked;

    /// <summary>Allocates the maps of B bins.</summary>
    public CalibrationMaps(IBackend backend, BinShape shape, FeatureSmoothingOptions options)
    {
        _backend = backend;
        _shape = shape;
        _options = options;
        _treatment = new MapTreatment[shape.Bins];
        _maps = backend.Allocate<float>((long)shape.Bins * shape.CovarianceWidth);
        _transposed = shape.BlockSize == 1 ? _maps : null;
        _shifts = backend.Allocate<float>((long)shape.Bins * shape.Dimensions);
        long packed = backend.PackedCalibrationLength(shape);
        _packed = packed == 0 ? null : backend.Allocate<float>(packed);
    }

    /// <summary>Solves the maps: a function of the statistics, so that solved again they have the same bits.</summary>
    /// <returns>[B] what each bin received.</returns>
    public MapOutcome[] Solve(RunningStatistics statistics)
    {
        long needed = _options.Shrinkage.IsActive ? 2 : _shape.BlockSize + 1;
        ReadOnlySpan<long> lastCounts = statistics.LastCounts.Span;
        for (int b = 0; b < _treatment.Length; b++)
        {
            bool seen = statistics.SamplesSeen[b] > 0;
            _treatment[b] = !seen && _options.EmptyBins == EmptyBins.Exclude ? MapTreatment.Identity
                : seen && _shape.BlockSize > 1 && lastCounts[b] < needed ? MapTreatment.Diagonal
                : MapTreatment.Full;
        }

        var outcomes = new MapOutcome[_treatment.Length];
        var mapping = new MapOptions(
            _options.ClipLower,
            _options.ClipUpper,
            _options.Strength,
            _options.Parts == CalibrationParts.Mean,
            _options.Shrinkage.Share,
            _options.Shrinkage.IsEstimated,
            statistics.LastCounts,
            _treatment);
        _backend.SolveMaps(mapping, _shape, statistics.Running, statistics.Smoothed, _maps, _shifts, outcomes);
        _isTransposed = _shape.BlockSize == 1;
        _isPacked = false;
        return outcomes;
    }

    /// <summary>Applies the maps to rows around their running means.</summary>
    public void Calibrate(DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinStatistics running, DeviceView<float> calibrated)
    {
        if (!_isTransposed)
        {
            _transposed ??= _backend.Allocate<float>(_maps.Length);
            _backend.TransposeMaps(_maps, _shape, _transposed);
            _isTransposed = true;
        }

        _backend.Calibrate(features, bins, order, _shape, running.Means, _transposed!, _shifts, calibrated);
    }

    /// <summary>Applies the transposed maps to gradients.</summary>
    public void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, DeviceView<float> dFeatures) =>
        _backend.CalibrateGradient(dCalibrated, bins, order, _shape, _maps, dFeatures);

    /// <summary>Calibration as a step of a network takes it.</summary>
    public FeatureCalibration For(DeviceView<int> bins, BinStatistics running)
    {
        if (_packed is not null && !_isPacked)
        {
            _backend.PackCalibration(_shape, running.Means, _maps, _shifts, _packed);
            _isPacked = true;
        }

        return new FeatureCalibration(_shape, bins, running.Means, _maps, _shifts, _packed is null ? default(DeviceView<float>) : _packed);
    }

    public void Dispose()
    {
        _maps.Dispose();
        _transposed?.Dispose();
        _packed?.Dispose();
        _shifts.Dispose();
    }
}
