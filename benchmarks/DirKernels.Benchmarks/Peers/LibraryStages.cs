using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Peers;

/// <summary>The library's entries of stages that it shares with more than one kind of peers, as <c>quick</c> measures them.</summary>
internal static class LibraryStages
{
    private const int Bins = BinnedRows.Bins;

    /// <summary>Means and scatters M2 of the features of each bin. Runs add to each other; the numbers are those of the first.</summary>
    /// <param name="set">Receives the entry.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">D for full scatters, 1 for their diagonals.</param>
    public static void AddMoments(PeerSet set, CpuBackend backend, BinnedRows rows, int width)
    {
        var shape = new BinShape(Bins, rows.Dimensions, width);
        DeviceBuffer<float> features = set.Own(backend.Upload(rows.Features));
        DeviceBuffer<int> bins = set.Own(backend.Upload(rows.BinOf)), order = set.Own(backend.Allocate<int>(BinnedRows.Rows)), offsets = set.Own(backend.Allocate<int>(Bins + 1));
        DeviceBuffer<long> counts = set.Own(backend.Allocate<long>(Bins));
        DeviceBuffer<double> means = set.Own(backend.Allocate<double>((long)Bins * rows.Dimensions)), scatters = set.Own(backend.Allocate<double>((long)Bins * shape.CovarianceWidth));
        double[]? first = null;
        set.Add(
            PeerSet.Library,
            () =>
            {
                backend.GroupByBin(bins, order, offsets);
                backend.AccumulateMoments(features, order, offsets, shape, counts, means, scatters);
                first ??= Lower(backend.Download(scatters), rows.Dimensions, width);
            },
            () => first!);
    }

    /// <summary><c>z~ = z + T_b (z - mu_b) + shift_b</c> of all rows, with maps that are transposed as the kernel takes them.</summary>
    /// <param name="set">Receives the entry.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">D for full maps, 1 for diagonal ones.</param>
    /// <param name="means">[B x D] mu.</param>
    /// <param name="maps">[B x D x width] T, lower triangles.</param>
    /// <param name="shifts">[B x D].</param>
    public static void AddCalibration(PeerSet set, CpuBackend backend, BinnedRows rows, int width, float[] means, float[] maps, float[] shifts)
    {
        var shape = new BinShape(Bins, rows.Dimensions, width);
        DeviceBuffer<float> features = set.Own(backend.Upload(rows.Features)), calibrated = set.Own(backend.Allocate<float>(rows.Features.Length));
        DeviceBuffer<float> mean = set.Own(backend.Upload(means)), shift = set.Own(backend.Upload(shifts)), map = set.Own(backend.Upload(maps));
        DeviceBuffer<int> bins = set.Own(backend.Upload(rows.BinOf)), order = set.Own(backend.Allocate<int>(BinnedRows.Rows)), offsets = set.Own(backend.Allocate<int>(Bins + 1));
        if (width > 1)
        {
            using DeviceBuffer<float> lower = backend.Upload(maps);
            backend.TransposeMaps(lower, shape, map);
        }

        set.Add(
            PeerSet.Library,
            () =>
            {
                backend.GroupByBin(bins, order, offsets);
                backend.Calibrate(features, bins, order, shape, mean, map, shift, calibrated);
            },
            () => Array.ConvertAll(backend.Download(calibrated), value => (double)value));
    }

    /// <summary>What all define of scatters: zeros above the diagonal, where there may be anything.</summary>
    public static double[] Lower(double[] scatters, int dimensions, int width) =>
        [.. scatters.Select((value, at) => width == 1 || at % width <= at / width % dimensions ? value : 0)];
}
