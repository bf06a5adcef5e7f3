using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>destination[b, :] = sum_k weights[b, k] source[indices[b, k], :]</c>: smoothing of statistics over bins. Launch: a thread takes four columns through a run of
/// bins, so that what neighbouring windows share is read from the first-level cache; the runs are whole where there are columns enough to fill the device.
/// 8 bytes and 2 K flops an element. Deterministic; K + 1 roundings. Taps of weight 0 are not read.
/// </summary>
internal static class CombineBinsKernel
{
    public static void Run(GpuRuntime gpu, ArrayView<float> source, BinTaps taps, int width, ArrayView<float> destination)
    {
        if (taps.BinCount == 0 || width == 0)
        {
            return;
        }

        ArrayView<int> indices = gpu.Upload<int>("tap indices", taps.Indices);
        ArrayView<float> weights = gpu.Upload<float>("tap weights", taps.Weights);
        int quads = width % 4 == 0 ? (int)Quads.Of(width, Quads.Aligned(source) && Quads.Aligned(destination)) : 0;
        KernelConfig columns = gpu.Elements(quads > 0 ? quads : width);

        // Enough groups for every multiprocessor to hold eight.
        int runs = Math.Clamp(8 * gpu.Scale.Multiprocessors / columns.GridDim.X, 1, Math.Min(taps.BinCount, 65_535));
        var shape = new Shape { Bins = taps.BinCount, Taps = taps.TapCount, Width = width, Quads = quads, BinsOfRun = (taps.BinCount + runs - 1) / runs };
        gpu.Launch(new KernelConfig((columns.GridDim.X, runs, 1), (gpu.Scale.GroupSize, 1, 1)), Kernel, source, indices, weights, destination, shape);
    }

    public static void Kernel(ArrayView<float> source, ArrayView<int> indices, ArrayView<float> weights, ArrayView<float> destination, Shape shape)
    {
        int step = Grid.DimX * Group.DimX, first = Grid.IdxY * shape.BinsOfRun, end = IntrinsicMath.Min(shape.Bins, first + shape.BinsOfRun);
        ArrayView<F4> source4 = source.Cast<F4>(), destination4 = destination.Cast<F4>();
        for (int i = Grid.GlobalIndex.X; i < shape.Quads; i += step)
        {
            for (int bin = first; bin < end; bin++)
            {
                var sum = new F4(0f, 0f, 0f, 0f);
                for (int k = bin * shape.Taps; k < (bin + 1) * shape.Taps; k++)
                {
                    float weight = weights[k];
                    if (weight != 0f)
                    {
                        F4 value = source4[(long)indices[k] * shape.Quads + i];
                        sum = new F4(sum.X + weight * value.X, sum.Y + weight * value.Y, sum.Z + weight * value.Z, sum.W + weight * value.W);
                    }
                }

                destination4[(long)bin * shape.Quads + i] = sum;
            }
        }

        for (int i = 4 * shape.Quads + Grid.GlobalIndex.X; i < shape.Width; i += step)
        {
            for (int bin = first; bin < end; bin++)
            {
                float sum = 0f;
                for (int k = bin * shape.Taps; k < (bin + 1) * shape.Taps; k++)
                {
                    float weight = weights[k];
                    if (weight != 0f)
                    {
                        sum += weight * source[(long)indices[k] * shape.Width + i];
                    }
                }

                destination[(long)bin * shape.Width + i] = sum;
            }
        }
    }

    /// <summary>Sizes; Quads is 0 where the columns cannot be taken four at a time.</summary>
    internal struct Shape
    {
        public int Bins;
        public int Taps;
        public int Width;
        public int Quads;
        public int BinsOfRun;
    }
}
