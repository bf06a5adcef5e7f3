using DirKernels.Backends;
using DirKernels.Gpu;

namespace DirKernels.GpuBenchmarks;

/// <summary>Feature distribution smoothing of N rows, D dimensions and B bins: the diagonal kind and the full one.</summary>
internal static class FeatureRows
{
    public static IEnumerable<TimedRow> All(GpuBackend gpu, int n, int d, int bins)
    {
        string size = $"{n} x {d}, {bins} bins";
        BinShape diagonal = new(bins, d, 1), full = new(bins, d, d);
        double elements = (double)n * d, statistics = (double)bins * d * d, triangle = (double)n * d * (d + 1);
        yield return new TimedRow($"group rows by bin {size}", 12.0 * n, 0, () =>
        {
            DeviceBuffer<int> bin = gpu.Upload(SampleArrays.Bins(2, n, bins)), rows = gpu.Allocate<int>(n), offsets = gpu.Allocate<int>(bins + 1);
            return (() => gpu.GroupByBin(bin, rows, offsets), [bin, rows, offsets]);
        });
        yield return Moments(gpu, $"moments, diagonal {size}", n, diagonal, 4 * elements, 0);
        yield return Moments(gpu, $"moments, full {size}", n, full, 0, triangle);
        yield return new TimedRow($"momentum, full {size}", 16 * statistics, 0, () =>
        {
            DeviceBuffer<double> epoch = gpu.Allocate<double>((long)statistics);
            DeviceBuffer<float> running = gpu.Allocate<float>((long)statistics);
            double[] keep = [.. Enumerable.Repeat(0.9, bins)], take = [.. Enumerable.Repeat(0.1, bins)];
            return (() => gpu.BlendBins(epoch, keep, take, d * d, running), [epoch, running]);
        });
        yield return new TimedRow($"smoothing, full {size}", 8 * statistics, 10 * statistics, () =>
        {
            DeviceBuffer<float> source = gpu.Upload(SampleArrays.Bell(1, (long)statistics)), smoothed = gpu.Allocate<float>((long)statistics);
            BinTaps taps = Window(bins);
            return (() => gpu.CombineBins(source, taps, d * d, smoothed), [source, smoothed]);
        });
        yield return Maps(gpu, $"maps, full {size}", full);
        yield return Calibration(gpu, $"calibration, diagonal {size}", n, diagonal, 8 * elements, 0, gradient: false);
        yield return Calibration(gpu, $"calibration gradient, diagonal {size}", n, diagonal, 8 * elements, 0, gradient: true);
        yield return Calibration(gpu, $"calibration, full {size}", n, full, 0, triangle, gradient: false);
        yield return Calibration(gpu, $"calibration gradient, full {size}", n, full, 0, triangle, gradient: true);
    }

    /// <summary>Five taps around each bin, those beyond the ends on the end bins.</summary>
    public static BinTaps Window(int bins)
    {
        var taps = new BinTaps(bins, 5);
        for (int at = 0; at < taps.Indices.Length; at++)
        {
            taps.Indices[at] = Math.Clamp(at / 5 + at % 5 - 2, 0, bins - 1);
            taps.Weights[at] = 0.2f;
        }

        return taps;
    }

    /// <summary>Covariances with 1 on the diagonal and small entries below, diagonally dominant.</summary>
    public static float[] Covariances(BinShape shape, ulong seed)
    {
        float[] values = SampleArrays.Bell(seed, (long)shape.Bins * shape.CovarianceWidth);
        int g = shape.BlockSize;
        Parallel.For(0, shape.Bins * shape.Dimensions, row =>
        {
            int i = row % shape.Dimensions;
            for (int j = 0; j < g; j++)
            {
                long at = (long)row * g + j;
                values[at] = j == i % g ? 1 : 0.2f / g * values[at];
            }
        });
        return values;
    }

    private static TimedRow Moments(GpuBackend gpu, string name, int n, BinShape shape, double bytes, double flops) => new(name, bytes, flops, () =>
    {
        DeviceBuffer<float> features = gpu.Upload(SampleArrays.Bell(1, (long)n * shape.Dimensions));
        (DeviceBuffer<int> rows, DeviceBuffer<int> offsets) = Grouped(gpu, n, shape.Bins);
        DeviceBuffer<long> counts = gpu.Allocate<long>(shape.Bins);
        DeviceBuffer<double> means = gpu.Allocate<double>((long)shape.Bins * shape.Dimensions), scatters = gpu.Allocate<double>((long)shape.Bins * shape.CovarianceWidth);
        return (() => gpu.AccumulateMoments(features, rows, offsets, shape, counts, means, scatters), [features, rows, offsets, counts, means, scatters]);
    });

    // Two factorisations and a triangular solve, n^3 / 3 each.
    private static TimedRow Maps(GpuBackend gpu, string name, BinShape shape) => new(name, 0, shape.Bins * Math.Pow(shape.Dimensions, 3), () =>
    {
        long means = (long)shape.Bins * shape.Dimensions, covariances = (long)shape.Bins * shape.CovarianceWidth;
        DeviceBuffer<float> runningMeans = gpu.Allocate<float>(means), smoothedMeans = gpu.Allocate<float>(means), shifts = gpu.Allocate<float>(means), maps = gpu.Allocate<float>(covariances);
        DeviceBuffer<float> running = gpu.Upload(Covariances(shape, 1)), smoothed = gpu.Upload(Covariances(shape, 2));
        var options = new MapOptions(0.1f, 10, 1, false, 0.1f, false, new long[shape.Bins], new MapTreatment[shape.Bins]);
        var outcomes = new MapOutcome[shape.Bins];
        return (
            () => gpu.SolveMaps(options, shape, new BinStatistics(runningMeans, running), new BinStatistics(smoothedMeans, smoothed), new SolvedMaps(maps, shifts), outcomes),
            [runningMeans, smoothedMeans, shifts, maps, running, smoothed]);
    });

    private static TimedRow Calibration(GpuBackend gpu, string name, int n, BinShape shape, double bytes, double flops, bool gradient) => new(name, bytes, flops, () =>
    {
        long means = (long)shape.Bins * shape.Dimensions;
        DeviceBuffer<float> features = gpu.Upload(SampleArrays.Bell(1, (long)n * shape.Dimensions)), calibrated = gpu.Allocate<float>((long)n * shape.Dimensions);
        DeviceBuffer<float> maps = gpu.Upload(Covariances(shape, 1)), mean = gpu.Allocate<float>(means), shift = gpu.Allocate<float>(means);
        DeviceBuffer<int> bins = gpu.Upload(SampleArrays.Bins(2, n, shape.Bins));
        (DeviceBuffer<int> rows, DeviceBuffer<int> offsets) = Grouped(gpu, n, shape.Bins);
        Action work = gradient
            ? () => gpu.CalibrateGradient(features, bins, rows, shape, maps, calibrated)
            : () => gpu.Calibrate(features, bins, rows, shape, mean, maps, shift, calibrated);
        return (work, [features, calibrated, maps, mean, shift, bins, rows, offsets]);
    });

    private static (DeviceBuffer<int> Rows, DeviceBuffer<int> Offsets) Grouped(GpuBackend gpu, int n, int bins)
    {
        using DeviceBuffer<int> bin = gpu.Upload(SampleArrays.Bins(2, n, bins));
        DeviceBuffer<int> rows = gpu.Allocate<int>(n), offsets = gpu.Allocate<int>(bins + 1);
        gpu.GroupByBin(bin, rows, offsets);
        gpu.Synchronize();
        return (rows, offsets);
    }
}
