using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using DirKernels.Labels;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>From labels to the inverse roots of their smoothed density, scaled to mean 1; libtorch in single precision, which is faster there.</summary>
internal static class TorchLabels
{
    private const int Bins = 100;
    private const float Lower = 0, Width = 1;

    public static PeerSet Create(CpuBackend backend, int count)
    {
        // Labels that single precision holds, away from the edges: all find the same bins.
        double[] labels = [.. Enumerable.Range(0, count).Select(i => Math.Floor(-2560 * Math.Log(1 - CounterRandom.Uniform(1, (ulong)i))) / 128 + 1.0 / 256)];
        var set = new PeerSet("label weights", 2e-5);
        var bins = LabelBins.Uniform(Lower, Width, Bins);
        var library = new float[count];
        set.Add(
            PeerSet.Library,
            () => LabelDistributionSmoothing.Weights(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse, Boundary.Zero, library, backend),
            () => TorchOperands.Widen(library));
        Tensor values = set.Upload(Array.ConvertAll(labels, label => (float)label));
        Tensor edges = set.Own(arange(1, Bins).to_type(ScalarType.Float32).mul_(Width).add_(Lower));
        Tensor taps = set.Upload([.. SmoothingKernel.Default.UnitSumTaps.ToArray().Select(tap => (float)tap)], 1, 1, SmoothingKernel.Default.Size);
        set.Add("floor", () => Weigh(values.sub(Lower).mul_(1 / Width).clamp_(0, Bins - 0.5f).to_type(ScalarType.Int32), taps));
        set.Add("floor, bins of 64 bits", () => Weigh(values.sub(Lower).mul_(1 / Width).clamp_(0, Bins - 0.5f).to_type(ScalarType.Int64), taps));
        set.Add("bucketize", () => Weigh(bucketize(values, edges, outInt32: true, right: true), taps));
        set.Add("histc", () =>
        {
            Tensor position = values.sub(Lower).mul_(1 / Width).clamp_(0, Bins - 0.5f);
            return LookUp(histc(position, Bins, 0, Bins), position.to_type(ScalarType.Int32), taps);
        });
        return set;
    }

    private static Tensor Weigh(Tensor bins, Tensor taps) => LookUp(bincount(bins, minlength: Bins).to_type(ScalarType.Float32), bins, taps);

    private static Tensor LookUp(Tensor counts, Tensor bins, Tensor taps)
    {
        Tensor density = nn.functional.conv1d(counts.sqrt().view(1, 1, Bins), taps, padding: taps.shape[2] / 2).view(Bins);
        Tensor table = where(density > 0, 1 / density, zeros_like(density));
        table = table.mul_(counts.sum() / (table * counts).sum());
        return table.index_select(0, bins);
    }
}
