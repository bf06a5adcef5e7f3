using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary><c>z~ = z + T_b (z - mu_b) + shift_b</c> of all rows; libtorch has 1 + T_b and shift_b - T_b mu_b, and the rows of each bin, for nothing.</summary>
internal static class TorchCalibration
{
    private const int Bins = BinnedRows.Bins;

    public static PeerSet Create(CpuBackend backend, int dimensions, bool full)
    {
        var rows = new BinnedRows(dimensions);
        var set = new PeerSet("calibrate", 1e-5);
        int width = full ? dimensions : 1;
        float[] means = TorchOperands.Uniform(2, Bins * dimensions), shifts = TorchOperands.Uniform(3, means.Length), maps = TorchOperands.Uniform(4, means.Length * width);
        for (int at = 0; full && at < maps.Length; at++)
        {
            maps[at] = at % dimensions > at / dimensions % dimensions ? 0 : maps[at];
        }

        LibraryStages.AddCalibration(set, backend, rows, width, means, maps, shifts);
        Tensor features = set.Upload(rows.Features, BinnedRows.Rows, dimensions), mean = set.Upload(means, Bins, dimensions), shift = set.Upload(shifts, Bins, dimensions);
        if (!full)
        {
            Tensor diagonal = set.Upload(maps, Bins, dimensions), factor = set.Own(diagonal + 1), offset = set.Own(shift - diagonal * mean);
            Tensor bins = set.Upload(rows.BinOf);
            set.Add("addcmul of gathered rows", () => offset.index_select(0, bins).addcmul_(features, factor.index_select(0, bins), 1));
            set.Add("product and sum of gathered rows", () => features.mul(factor.index_select(0, bins)).add_(offset.index_select(0, bins)));
            return set;
        }

        Tensor map = set.Upload(maps, Bins, dimensions, dimensions), factors = set.Own((map + eye(dimensions)).transpose(1, 2).contiguous());
        Tensor offsets = set.Own(shift - map.matmul(mean.unsqueeze(2)).squeeze(2));
        Tensor[] members = [.. Enumerable.Range(0, Bins).Select(bin => set.Own(tensor(Enumerable.Range(0, BinnedRows.Rows).Where(row => rows.BinOf[row] == bin).Select(row => (long)row).ToArray())))];
        Tensor result = set.Own(zeros(BinnedRows.Rows, dimensions));
        set.Add("bin by bin", () =>
        {
            for (int bin = 0; bin < Bins; bin++)
            {
                result.index_copy_(0, members[bin], TorchOperands.Affine(offsets[bin], features.index_select(0, members[bin]), factors[bin]));
            }

            return result.alias();
        });
        Tensor order = set.Own(cat(members));
        set.Add("rows in the order of bins, and back", () =>
        {
            Tensor sorted = features.index_select(0, order);
            var moved = new Tensor[Bins];
            for (int bin = 0, start = 0; bin < Bins; start += rows.Counts[bin++])
            {
                moved[bin] = TorchOperands.Affine(offsets[bin], sorted.narrow(0, start, rows.Counts[bin]), factors[bin]);
            }

            return result.index_copy_(0, order, cat(moved)).alias();
        });
        return set;
    }
}
