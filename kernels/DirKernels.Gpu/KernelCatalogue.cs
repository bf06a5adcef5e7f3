using System.Reflection;

namespace DirKernels.Gpu;

/// <summary>Every kernel as devices run it, with what its code may look like; kernels/README.md says what each computes.</summary>
internal static class KernelCatalogue
{
    /// <summary>All kernels.</summary>
    public static IReadOnlyList<Entry> All { get; } =
    [
        new("activate", ActivateKernel.Kernel, Numbers.Single, Quads: true),
        new("activation gradient", ActivationGradientKernel.Kernel, Numbers.Single, Quads: true),
        new("batch normalize", BatchNormalizeKernel.Kernel, Numbers.Double),
        new("batch normalize fixed", BatchNormalizeFixedKernel.Kernel, Numbers.Single),
        new("batch normalize gradient", BatchNormalizeGradientKernel.Kernel, Numbers.Double),
        new("dropout", DropoutKernel.Kernel, Numbers.Single),
        new("gather rows, runs of four", GatherRowsKernel.KernelOfQuads, Numbers.Single, Quads: true),
        new("gather rows, 4 bytes", GatherRowsKernel.KernelOfInts, Numbers.Single),
        new("gather rows, 8 bytes", GatherRowsKernel.KernelOfLongs, Numbers.Single),
        new("gather rows, bytes", GatherRowsKernel.KernelOfBytes, Numbers.Single),
        new("matrix product 128", MatrixProductKernel.Kernel<Side16, Sums8x8>, Numbers.Single, Quads: true),
        new("matrix product 64", MatrixProductKernel.Kernel<Side8, Sums8x8>, Numbers.Single, Quads: true),
        new("matrix product 32", MatrixProductKernel.Kernel<Side8, Sums4x4>, Numbers.Single, Quads: true),
        new("matrix product, parts", MatrixProductKernel.AddParts, Numbers.Single),
        new("loss gradient", LossGradientKernel.Kernel, Numbers.Double),
        new("loss gradient, sums", LossGradientKernel.AddSums, Numbers.Double),
        new("network gradient", NetworkGradientKernel.Kernel, Numbers.Double),
        new("network gradient, parts", NetworkGradientKernel.AddParts, Numbers.Double),
        new("update parameters, Adam", UpdateParametersKernel.Adapt, Numbers.Single),
        new("update parameters, descent", UpdateParametersKernel.Descend, Numbers.Single),
        new("group by bin, small", GroupByBinKernel.Small, Numbers.Single),
        new("group by bin, counts", GroupByBinKernel.CountChunks, Numbers.Single),
        new("group by bin, scan of chunks", GroupByBinKernel.ScanChunks, Numbers.Single),
        new("group by bin, scan of bins", GroupByBinKernel.ScanBins, Numbers.Single),
        new("group by bin, places", GroupByBinKernel.PlaceChunks, Numbers.Single),
        new("accumulate moments, pieces", AccumulateMomentsKernel.Sum, Numbers.Double, Quads: true),
        new("accumulate moments, merge", AccumulateMomentsKernel.Merge, Numbers.Double),
        new("block moments, means", BlockMomentsKernel.MeansOfBatch, Numbers.Double),
        new("block moments 128", BlockMomentsKernel.Kernel<Side16, Sums8x8>, Numbers.Double, Quads: true),
        new("block moments 64", BlockMomentsKernel.Kernel<Side8, Sums8x8>, Numbers.Double, Quads: true),
        new("block moments 32", BlockMomentsKernel.Kernel<Side8, Sums4x4>, Numbers.Double, Quads: true),
        new("block moments, parts", BlockMomentsKernel.AddParts, Numbers.Double),
        new("block moments, advance", BlockMomentsKernel.AdvanceMeans, Numbers.Double),
        new("blend bins", BlendBinsKernel.Kernel, Numbers.Double),
        new("combine bins", CombineBinsKernel.Kernel, Numbers.Single, Quads: true),
        new("solve maps, prepare", SolveMapsKernel.Prepare, Numbers.Double),
        new("solve maps, diagonals", SolveMapsKernel.FillDiagonals, Numbers.Double),
        new("count labels", CountLabelsKernel.Kernel, Numbers.Double),
        new("count labels, reset", CountLabelsKernel.Reset, Numbers.Single),
        new("weigh labels", WeighLabelsKernel.Kernel, Numbers.Double),
        new("cholesky, load", CholeskyKernel.LoadMatrix, Numbers.Double),
        new("cholesky, square", CholeskyKernel.FactorSquare, Numbers.Double),
        new("cholesky, rows below", CholeskyKernel.SolveBelow, Numbers.Double),
        new("cholesky, subtract", CholeskyKernel.SubtractBelow<Side16>, Numbers.Double),
        new("triangular solve, panel", TriangularSolveKernel.SolvePanel, Numbers.Double),
        new("triangular solve, subtract", TriangularSolveKernel.SubtractLeft<Side16>, Numbers.Double),
        new("triangular solve, store", TriangularSolveKernel.StoreMap, Numbers.Double),
        new("transpose maps", TransposeMapsKernel.Kernel<Side16>, Numbers.Single),
        new("calibrate", CalibrateKernel.Kernel, Numbers.Single, Quads: true),
        new("calibrate gradient", CalibrateGradientKernel.Kernel, Numbers.Single, Quads: true),
        new("triangular product, small blocks", TriangularProductKernel.SmallBlocks, Numbers.Single),
        new("triangular product 128", TriangularProductKernel.Kernel<Side16, Sums8x8>, Numbers.Single, Quads: true),
        new("triangular product 64", TriangularProductKernel.Kernel<Side8, Sums8x8>, Numbers.Single, Quads: true),
        new("triangular product 32", TriangularProductKernel.Kernel<Side8, Sums4x4>, Numbers.Single, Quads: true),
        .. TensorCores<OneTerm>("tf32"),
        .. TensorCores<ThreeTerms>("three tf32"),
    ];

    private static IEnumerable<Entry> TensorCores<TTerms>(string precision)
        where TTerms : struct, IProductTerms =>
    [
        new($"matrix product 128, {precision}", MatrixProductKernel.Kernel<Side16, TensorSums<TTerms>>, Numbers.Single, Quads: true, TensorCores: true),
        new($"block moments 128, {precision}", BlockMomentsKernel.Kernel<Side16, TensorSums<TTerms>>, Numbers.Double, Quads: true, TensorCores: true),
        new($"triangular product 128, {precision}", TriangularProductKernel.Kernel<Side16, TensorSums<TTerms>>, Numbers.Single, Quads: true, TensorCores: true),
    ];

    /// <summary>The numbers that a kernel computes with.</summary>
    internal enum Numbers
    {
        /// <summary>Nothing wider than 32 bits but integers.</summary>
        Single,

        /// <summary>Double precision where sums or factorisations ask for it.</summary>
        Double,
    }

    /// <summary>One kernel.</summary>
    /// <param name="Name">For people.</param>
    /// <param name="Kernel">Its entry point.</param>
    /// <param name="Numbers">Whether double precision may appear in its code.</param>
    /// <param name="Quads">Whether it must read or write four numbers at once.</param>
    /// <param name="TensorCores">Whether it multiplies on tensor cores: CUDA only.</param>
    internal sealed record Entry(string Name, Delegate Kernel, Numbers Numbers, bool Quads = false, bool TensorCores = false)
    {
        /// <summary>The method that is compiled.</summary>
        public MethodInfo Method => Kernel.Method;
    }
}
