using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>Feature statistics, maps and calibration: N = 50,000, B = 100.</summary>
internal static class QuickFeatureRows
{
    private const int Rows = 50_000;
    private const int Bins = 100;

    public static IEnumerable<QuickRow> All(CpuBackend backend) =>
    [
        Moments(backend, 512, full: false),
        Moments(backend, 64, full: false),
        Moments(backend, 512, full: true),
        Moments(backend, 64, full: true),
        Calibrate(backend, 512, full: false),
        Calibrate(backend, 512, full: true),
        .. Maps(backend, 512),
        .. Maps(backend, 64),
        SmoothCovariances(backend),
    ];

    private static QuickRow Moments(CpuBackend backend, int dimensions, bool full)
    {
        var shape = new BinShape(Bins, dimensions, full ? dimensions : 1);
        double flops = full ? (double)Rows * dimensions * (dimensions + 1) : 0;
        return new(
            $"moments {(full ? "full" : "diag")} D={dimensions}",
            full ? QuickLimit.Arithmetic : QuickLimit.Read,
            flops,
            4.0 * Rows * dimensions,
            () =>
            {
                DeviceBuffer<float> features = QuickRows.Uniform(backend, (long)Rows * dimensions, 1);
                DeviceBuffer<int> bins = backend.Upload(RandomBins()), order = backend.Allocate<int>(Rows), offsets = backend.Allocate<int>(Bins + 1);
                DeviceBuffer<long> counts = backend.Allocate<long>(Bins);
                DeviceBuffer<double> means = backend.Allocate<double>((long)Bins * dimensions);
                DeviceBuffer<double> scatters = backend.Allocate<double>((long)Bins * shape.CovarianceWidth);
                return (
                    () =>
                    {
                        backend.GroupByBin(bins, order, offsets);
                        backend.AccumulateMoments(features, order, offsets, shape, counts, means, scatters);
                    },
                    [features, bins, order, offsets, counts, means, scatters]);
            });
    }

    private static QuickRow Calibrate(CpuBackend backend, int dimensions, bool full)
    {
        var shape = new BinShape(Bins, dimensions, full ? dimensions : 1);
        return new(
            $"calibrate {(full ? "full" : "diag")} D={dimensions}",
            full ? QuickLimit.Arithmetic : QuickLimit.Copy,
            full ? (double)Rows * dimensions * (dimensions + 1) : 0,
            8.0 * Rows * dimensions,
            () =>
            {
                DeviceBuffer<float> features = QuickRows.Uniform(backend, (long)Rows * dimensions, 1), result = backend.Allocate<float>((long)Rows * dimensions);
                DeviceBuffer<float> means = QuickRows.Uniform(backend, (long)Bins * dimensions, 2), shifts = QuickRows.Uniform(backend, (long)Bins * dimensions, 3);
                DeviceBuffer<float> maps = QuickRows.Uniform(backend, (long)Bins * shape.CovarianceWidth, 4);
                DeviceBuffer<int> bins = backend.Upload(RandomBins()), order = backend.Allocate<int>(Rows), offsets = backend.Allocate<int>(Bins + 1);
                return (
                    () =>
                    {
                        backend.GroupByBin(bins, order, offsets);
                        backend.Calibrate(features, bins, order, shape, means, maps, shifts, result);
                    },
                    [features, result, means, shifts, maps, bins, order, offsets]);
            });
    }

    private static QuickRow[] Maps(CpuBackend backend, int dimensions)
    {
        // Two factorisations and a triangular solve with a triangular result, D^3/3 each.
        var shape = new BinShape(Bins, dimensions, dimensions);
        return
        [
            QuickMapRows.Cholesky(backend, dimensions, () => DominantDiagonals(backend, dimensions)),
            QuickMapRows.Maps(backend, dimensions, () => DominantDiagonals(backend, dimensions)),
            new($"solve maps {Bins}x{dimensions}", QuickLimit.Arithmetic, (double)Bins * dimensions * dimensions * dimensions, 0, () =>
            {
                DeviceBuffer<float> means = backend.Allocate<float>((long)Bins * dimensions), shifts = backend.Allocate<float>((long)Bins * dimensions);
                DeviceBuffer<float> covariances = DominantDiagonals(backend, dimensions), maps = backend.Allocate<float>((long)Bins * shape.CovarianceWidth);
                var outcomes = new MapOutcome[Bins];
                var options = new MapOptions(0.1f, 10, 1, false, 0, false, new long[Bins], new MapTreatment[Bins]);
                var statistics = new BinStatistics(means, covariances);
                return (() => backend.SolveMaps(options, shape, statistics, statistics, maps, shifts, outcomes), [means, shifts, covariances, maps]);
            }),
        ];
    }

    private static QuickRow SmoothCovariances(CpuBackend backend)
    {
        const int Dimensions = 512, Taps = 5;
        const long Width = Dimensions * Dimensions;
        return new($"smooth covariances {Bins}x{Dimensions}x{Dimensions}", QuickLimit.Copy, 0, 8.0 * Bins * Width, () =>
        {
            DeviceBuffer<float> source = QuickRows.Uniform(backend, Bins * Width, 1), destination = backend.Allocate<float>(Bins * Width);
            var taps = new BinTaps(Bins, Taps);
            for (int b = 0; b < Bins; b++)
            {
                for (int k = 0; k < Taps; k++)
                {
                    taps.Indices[b * Taps + k] = BoundaryIndex.Resolve(Boundary.Mirror, b + k - Taps / 2, Bins);
                    taps.Weights[b * Taps + k] = (float)SmoothingKernel.Default.UnitSumTaps[k];
                }
            }

            return (() => backend.CombineBins(source, taps, (int)Width, destination), [source, destination]);
        });
    }

    private static int[] RandomBins() => [.. Enumerable.Range(0, Rows).Select(i => (int)(Bins * CounterRandom.Uniform(9, (ulong)i)))];

    private static DeviceBuffer<float> DominantDiagonals(CpuBackend backend, int dimensions)
    {
        DeviceBuffer<float> covariances = QuickRows.Uniform(backend, (long)Bins * dimensions * dimensions, 5);
        var diagonal = new float[1];
        for (int b = 0; b < Bins; b++)
        {
            for (int i = 0; i < dimensions; i++)
            {
                diagonal[0] = dimensions;
                backend.CopyIn<float>(diagonal, covariances.Slice((long)b * dimensions * dimensions + (long)i * dimensions + i, 1));
            }
        }

        return covariances;
    }
}
