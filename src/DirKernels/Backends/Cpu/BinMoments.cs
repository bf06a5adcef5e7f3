namespace DirKernels.Backends.Cpu;

/// <summary>Merges rows into the moments of one bin, of either kind of covariance.</summary>
internal static unsafe class BinMoments
{
    /// <summary>Elements of scratch, of single precision, that one merge needs.</summary>
    public static long ScratchLength(BinShape shape) => shape.BlockSize == 1 ? 0 : BlockMoments.ScratchLength(shape);

    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="shape">D and the block size.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[D].</param>
    /// <param name="scatters">[D x g], lower triangles of the blocks.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements, aligned.</param>
    public static void Merge(float* features, int* rows, int count, BinShape shape, long before, double* means, double* scatters, float* scratch)
    {
        if (shape.BlockSize == 1)
        {
            DiagonalMoments.Merge(features, rows, count, shape.Dimensions, before, means, scatters, ProcessorModel.AsksSecondLevelCache);
        }
        else
        {
            BlockMoments.Merge(features, rows, count, shape, before, means, scatters, scratch);
        }
    }
}
