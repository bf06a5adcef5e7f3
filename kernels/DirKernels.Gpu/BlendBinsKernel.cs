using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>running[b, :] = keep[b] running[b, :] + take[b] epoch[b, :]</c>, in double precision, rounded once. Launch: groups of 256, each on one piece of a bin. 16 bytes an
/// element. Deterministic; bins with keep 1 and take 0 are not written, those with keep 0 are not read.
/// </summary>
internal static class BlendBinsKernel
{
    public static void Run(
        GpuRuntime gpu, ArrayView<double> epoch, ReadOnlySpan<double> keep, ReadOnlySpan<double> take, int width, ArrayView<float> running)
    {
        if (keep.Length == 0 || width == 0)
        {
            return;
        }

        ArrayView<double> factors = gpu.Upload("blend factors", (ReadOnlySpan<double>)[.. keep, .. take]);
        gpu.Launch(gpu.ElementsOfBins(keep.Length, width), Kernel, epoch, factors, running, keep.Length, width);
    }

    public static void Kernel(ArrayView<double> epoch, ArrayView<double> factors, ArrayView<float> running, int bins, int width)
    {
        int step = Grid.DimX * Group.DimX;
        for (int bin = Grid.IdxY; bin < bins; bin += Grid.DimY)
        {
            double keep = factors[bin], take = factors[bins + bin];
            if (keep == 1 && take == 0)
            {
                continue;
            }

            long start = (long)bin * width;
            for (int i = Grid.GlobalIndex.X; i < width; i += step)
            {
                // A bin that is overwritten must not read what was there: 0 times infinity is not 0.
                double taken = take * epoch[start + i];
                running[start + i] = (float)(keep == 0 ? taken : keep * running[start + i] + taken);
            }
        }
    }
}
