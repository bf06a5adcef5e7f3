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
    private DeviceBuffer<float>? _packed;
    private RunningStatistics? _statistics;

    // Which of them are those of the last statistics.
    private bool _areSolved;
    private bool _areTransposed;
    private bool _arePacked;

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

        // Who trains with packed maps seldom asks for the others: they are solved again then.
        _statistics = statistics;
        _arePacked = _packed is not null;
        _areSolved = !_arePacked;
        _areTransposed = _shape.BlockSize == 1;
        return Solve(_packed is null ? new SolvedMaps(_maps, _shifts) : new SolvedMaps(default, _shifts, _packed));
    }

    /// <summary>Applies the maps to rows around their running means.</summary>
    public void Calibrate(DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinStatistics running, DeviceView<float> calibrated)
    {
        if (!_areTransposed)
        {
            _transposed ??= _backend.Allocate<float>(_maps.Length);
            _backend.TransposeMaps(Solved(), _shape, _transposed);
            _areTransposed = true;
        }

        _backend.Calibrate(features, bins, order, _shape, running.Means, _transposed!, _shifts, calibrated);
    }

    /// <summary>Applies the transposed maps to gradients.</summary>
    public void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, DeviceView<float> dFeatures) =>
        _backend.CalibrateGradient(dCalibrated, bins, order, _shape, Solved(), dFeatures);

    /// <summary>Calibration as a step of a network takes it.</summary>
    public FeatureCalibration For(DeviceView<int> bins, BinStatistics running)
    {
        if (_backend.PackedCalibrationLength(_shape) is > 0 and long length)
        {
            _packed ??= _backend.Allocate<float>(length);
            if (!_arePacked)
            {
                _backend.PackCalibration(_shape, running.Means, Solved(), _shifts, _packed);
                _arePacked = true;
            }

            return new FeatureCalibration(_shape, bins, running.Means, default, _shifts, _packed);
        }

        return new FeatureCalibration(_shape, bins, running.Means, Solved(), _shifts, default);
    }

    public void Dispose()
    {
        _maps.Dispose();
        _transposed?.Dispose();
        _packed?.Dispose();
        _shifts.Dispose();
    }

    private DeviceView<float> Solved()
    {
        if (!_areSolved)
        {
            Solve(new SolvedMaps(_maps, _shifts));
            _areSolved = true;
        }

        return _maps;
    }

    private MapOutcome[] Solve(in SolvedMaps maps)
    {
        RunningStatistics statistics = _statistics!;
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
        statistics.SolveMaps(mapping, maps, outcomes);
        return outcomes;
    }
}
