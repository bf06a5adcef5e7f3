using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>Feature statistics, maps and calibration: N = 50,000, B = 100.</summary>
internal static class QuickFeatureRows
{
    private const int TableRows = 50_000;
    private const int TableBins = 100;

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

    public static QuickRow Moments(CpuBackend backend, int dimensions, bool full, int rows = TableRows, int bins = TableBins)
    {
        var shape = new BinShape(bins, dimensions, full ? dimensions : 1);
        double flops = full ? (double)rows * dimensions * (dimensions + 1) : 0;
        return new(
            $"moments {(full ? "full" : "diag")} D={dimensions}",
            full ? QuickLimit.Arithmetic : QuickLimit.Read,
            flops,
            4.0 * rows * dimensions,
            () =>
            {
                DeviceBuffer<float> features = QuickRows.Uniform(backend, (long)rows * dimensions, 1);
                DeviceBuffer<int> labels = backend.Upload(RandomBins(rows, bins)), order = backend.Allocate<int>(rows), offsets = backend.Allocate<int>(bins + 1);
                DeviceBuffer<long> counts = backend.Allocate<long>(bins);
                DeviceBuffer<double> means = backend.Allocate<double>((long)bins * dimensions);
                DeviceBuffer<double> scatters = backend.Allocate<double>((long)bins * shape.CovarianceWidth);
                return (
                    () =>
                    {
                        backend.GroupByBin(labels, order, offsets);
                        backend.AccumulateMoments(features, order, offsets, shape, counts, means, scatters);
                    },
                    [features, labels, order, offsets, counts, means, scatters]);
            });
    }

    public static QuickRow Calibrate(CpuBackend backend, int dimensions, bool full, int rows = TableRows, int bins = TableBins)
    {
        var shape = new BinShape(bins, dimensions, full ? dimensions : 1);
        return new(
            $"calibrate {(full ? "full" : "diag")} D={dimensions}",
            full ? QuickLimit.Arithmetic : QuickLimit.Copy,
            full ? (double)rows * dimensions * (dimensions + 1) : 0,
            8.0 * rows * dimensions,
            () =>
            {
                DeviceBuffer<float> features = QuickRows.Uniform(backend, (long)rows * dimensions, 1), result = backend.Allocate<float>((long)rows * dimensions);
                DeviceBuffer<float> means = QuickRows.Uniform(backend, (long)bins * dimensions, 2), shifts = QuickRows.Uniform(backend, (long)bins * dimensions, 3);
                DeviceBuffer<float> maps = QuickRows.Uniform(backend, (long)bins * shape.CovarianceWidth, 4);
                DeviceBuffer<int> labels = backend.Upload(RandomBins(rows, bins)), order = backend.Allocate<int>(rows), offsets = backend.Allocate<int>(bins + 1);
                return (
                    () =>
                    {
                        backend.GroupByBin(labels, order, offsets);
                        backend.Calibrate(features, labels, order, shape, means, maps, shifts, result);
                    },
                    [features, result, means, shifts, maps, labels, order, offsets]);
            });
    }

    private static QuickRow[] Maps(CpuBackend backend, int dimensions)
    {
        return
        [
            QuickMapRows.Cholesky(backend, dimensions, () => DominantDiagonals(backend, dimensions)),
            QuickMapRows.Maps(backend, dimensions, () => DominantDiagonals(backend, dimensions)),
            SolveMaps(backend, dimensions),
        ];
    }

    public static QuickRow SolveMaps(CpuBackend backend, int dimensions, int bins = TableBins)
    {
        // Two factorisations and a triangular solve with a triangular result, D^3/3 each.
        var shape = new BinShape(bins, dimensions, dimensions);
        return new($"solve maps {bins}x{dimensions}", QuickLimit.Arithmetic, (double)bins * dimensions * dimensions * dimensions, 0, () =>
        {
            DeviceBuffer<float> means = backend.Allocate<float>((long)bins * dimensions), shifts = backend.Allocate<float>((long)bins * dimensions);
            DeviceBuffer<float> covariances = DominantDiagonals(backend, dimensions, bins), maps = backend.Allocate<float>((long)bins * shape.CovarianceWidth);
            var outcomes = new MapOutcome[bins];
            var options = new MapOptions(0.1f, 10, 1, false, 0, false, new long[bins], new MapTreatment[bins]);
            var statistics = new BinStatistics(means, covariances);
            return (() => backend.SolveMaps(options, shape, statistics, statistics, new SolvedMaps(maps, shifts), outcomes), [means, shifts, covariances, maps]);
        });
    }

    private static QuickRow SmoothCovariances(CpuBackend backend)
    {
        const int Dimensions = 512, Taps = 5;
        const long Width = Dimensions * Dimensions;
        return new($"smooth covariances {TableBins}x{Dimensions}x{Dimensions}", QuickLimit.Copy, 0, 8.0 * TableBins * Width, () =>
        {
            DeviceBuffer<float> source = QuickRows.Uniform(backend, TableBins * Width, 1), destination = backend.Allocate<float>(TableBins * Width);
            var taps = new BinTaps(TableBins, Taps);
            for (int b = 0; b < TableBins; b++)
            {
                for (int k = 0; k < Taps; k++)
                {
                    taps.Indices[b * Taps + k] = BoundaryIndex.Resolve(Boundary.Mirror, b + k - Taps / 2, TableBins);
                    taps.Weights[b * Taps + k] = (float)SmoothingKernel.Default.UnitSumTaps[k];
                }
            }

            return (() => backend.CombineBins(source, taps, (int)Width, destination), [source, destination]);
        });
    }

    private static int[] RandomBins(int rows, int bins) => [.. Enumerable.Range(0, rows).Select(i => (int)(bins * CounterRandom.Uniform(9, (ulong)i)))];

    private static DeviceBuffer<float> DominantDiagonals(CpuBackend backend, int dimensions, int bins = TableBins)
    {
        DeviceBuffer<float> covariances = QuickRows.Uniform(backend, (long)bins * dimensions * dimensions, 5);
        var diagonal = new float[1];
        for (int b = 0; b < bins; b++)
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
