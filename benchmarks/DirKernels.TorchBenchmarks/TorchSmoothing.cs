using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>Covariances of 100 bins smoothed over neighbouring bins, five taps, mirrored at the ends.</summary>
internal static class TorchSmoothing
{
    private const int Bins = BinnedRows.Bins, Width = 512 * 512, Taps = 5, Half = Taps / 2;

    public static PeerSet Create(CpuBackend backend)
    {
        var set = new PeerSet("smooth covariances", 2e-6);
        var taps = new BinTaps(Bins, Taps);
        float[] band = new float[Bins * Bins], window = [.. SmoothingKernel.Default.UnitSumTaps.ToArray().Select(tap => (float)tap)];
        for (int b = 0; b < Bins; b++)
        {
            for (int k = 0; k < Taps; k++)
            {
                int from = BoundaryIndex.Resolve(Boundary.Mirror, b + k - Half, Bins);
                taps.Indices[b * Taps + k] = from;
                taps.Weights[b * Taps + k] = window[k];
                band[b * Bins + from] += window[k];
            }
        }

        float[] values = TorchOperands.Uniform(1, Bins * Width);
        DeviceBuffer<float> source = set.Own(backend.Upload(values)), destination = set.Own(backend.Allocate<float>(values.Length));
        set.Add(PeerSet.Library, () => backend.CombineBins(source, taps, Width, destination), () => TorchOperands.Widen(backend.Download(destination)));
        Tensor covariances = set.Upload(values, Bins, Width), matrix = set.Upload(band, Bins, Bins), kernel = set.Upload(window, 1, 1, Taps, 1);
        Tensor mirrored = set.Own(tensor(Enumerable.Range(-Half, Bins + 2 * Half).Select(bin => (long)BoundaryIndex.Resolve(Boundary.Mirror, bin, Bins)).ToArray()));
        set.Add("product with a band matrix", () => matrix.mm(covariances));
        set.Add("sum of five shifted tables", () =>
        {
            Tensor padded = covariances.index_select(0, mirrored), sum = padded.narrow(0, 0, Bins).mul(window[0]);
            for (int k = 1; k < Taps; k++)
            {
                sum.add_(padded.narrow(0, k, Bins), window[k]);
            }

            return sum;
        });
        set.Add("convolution", () => nn.functional.conv2d(covariances.index_select(0, mirrored).view(1, 1, Bins + 2 * Half, Width), kernel).view(Bins, Width));
        return set;
    }
}
