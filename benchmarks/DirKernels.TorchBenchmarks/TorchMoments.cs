using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>Means and scatters of the features of each bin. libtorch has the counts and, where it goes bin by bin, the rows of each bin for nothing.</summary>
internal static class TorchMoments
{
    private const int Bins = BinnedRows.Bins;

    public static PeerSet Create(CpuBackend backend, int dimensions, bool full)
    {
        var rows = new BinnedRows(dimensions);
        var set = new PeerSet("moments", 2e-4);
        LibraryStages.AddMoments(set, backend, rows, full ? dimensions : 1);
        Tensor features = set.Upload(rows.Features, BinnedRows.Rows, dimensions), bins = set.Own(tensor(rows.BinOf).to_type(ScalarType.Int64));
        Tensor counts = set.Upload(Array.ConvertAll(rows.Counts, count => (float)count), Bins, 1);
        Tensor[] members = [.. Enumerable.Range(0, Bins).Select(bin => set.Upload([.. Enumerable.Range(0, BinnedRows.Rows).Where(row => rows.BinOf[row] == bin)]))];
        if (full)
        {
            set.Add("bin by bin, centred", () => Stack(members, index => Centred(features.index_select(0, index))), scatters => scatters.tril());
            set.Add("bin by bin, mean taken out afterwards", () => Stack(members, index => Uncentred(features.index_select(0, index))), scatters => scatters.tril());
            return set;
        }

        set.Add("index_add", () =>
        {
            Tensor sums = zeros(Bins, dimensions).index_add_(0, bins, features, 1), squares = zeros(Bins, dimensions).index_add_(0, bins, features.square(), 1);
            return squares.sub_(sums.square().div_(counts));
        });
        set.Add("sparse product", () =>
        {
            Tensor memberships = sparse_coo_tensor(stack([bins, arange(BinnedRows.Rows)]), ones(BinnedRows.Rows), [Bins, BinnedRows.Rows]);
            return memberships.mm(features.square()).sub_(memberships.mm(features).pow_(2).div_(counts));
        });
        set.Add("product with memberships", () =>
        {
            Tensor memberships = zeros(Bins, BinnedRows.Rows).scatter_(0, bins.unsqueeze(0), ones(1, BinnedRows.Rows));
            return memberships.mm(features.square()).sub_(memberships.mm(features).pow_(2).div_(counts));
        });
        set.Add("bin by bin, centred", () => Stack(members, index =>
        {
            Tensor of = features.index_select(0, index);
            return of.sub_(of.mean([0])).pow_(2).sum([0]);
        }));
        set.Add("bin by bin, var_mean", () => Stack(members, index => var_mean(features.index_select(0, index), 0, unbiased: false).@var.mul_(index.shape[0])));
        return set;
    }

    private static Tensor Stack(Tensor[] members, Func<Tensor, Tensor> ofBin) => stack([.. members.Select(ofBin)]);

    private static Tensor Centred(Tensor rows)
    {
        rows.sub_(rows.mean([0]));
        return rows.t().mm(rows);
    }

    private static Tensor Uncentred(Tensor rows)
    {
        Tensor mean = rows.mean([0], keepdim: true);
        return addmm(mean.t().mm(mean), rows.t(), rows, beta: -rows.shape[0], alpha: 1);
    }
}
