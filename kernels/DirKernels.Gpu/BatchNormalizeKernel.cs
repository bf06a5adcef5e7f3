using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Batch normalisation in training, one launch: mean, variance about it, running statistics and the normalised rows. Launch: a group takes eight neighbouring
/// columns (a sector of memory) with 32 lanes over the rows. Shared memory 2 KiB. 16 bytes an element, of which 8 from the caches for batches of usual size.
/// Deterministic: double-precision sums by a fixed tree. Errors: statistics round once, a normalised element six times.
/// </summary>
internal static class BatchNormalizeKernel
{
    /// <summary>Columns of a group.</summary>
    public static int Columns(GpuRuntime gpu) => gpu.Scale.IsSimulated ? 4 : 8;

    public static void Run(
        GpuRuntime gpu, ArrayView<float> x, int width, ArrayView<float> gain, ArrayView<float> offset, float momentum, float epsilon, ArrayView<float> running, ArrayView<float> batch, ArrayView<float> y)
    {
        if (x.Length == 0)
        {
            return;
        }

        int columns = Columns(gpu);
        var shape = new Shape { Rows = (int)(x.Length / width), Width = width, Columns = columns, Momentum = momentum, Epsilon = epsilon };
        gpu.Launch(new KernelConfig((width + columns - 1) / columns, gpu.Scale.GroupSize), Kernel, x, gain, offset, running, batch, y, shape);
    }

    public static void Kernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> offset, ArrayView<float> running, ArrayView<float> batch, ArrayView<float> y, Shape shape)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(LaunchScale.LargestGroup);
        int lane = Group.IdxX / shape.Columns, lanes = Group.DimX / shape.Columns, local = Group.IdxX % shape.Columns;
        int column = Grid.IdxX * shape.Columns + local;
        bool inside = column < shape.Width;
        double sum = 0;
        for (int i = lane; i < shape.Rows && inside; i += lanes)
        {
            sum += x[(long)i * shape.Width + column];
        }

        GroupSum.OfColumns(shared, sum, shape.Columns);
        double mean = shared[local] / shape.Rows;
        Group.Barrier();
        double squares = 0;
        for (int i = lane; i < shape.Rows && inside; i += lanes)
        {
            double difference = x[(long)i * shape.Width + column] - mean;
            squares += difference * difference;
        }

        GroupSum.OfColumns(shared, squares, shape.Columns);
        double variance = shared[local] / shape.Rows;
        if (!inside)
        {
            return;
        }

        float center = (float)mean, inverse = (float)(1.0 / Math.Sqrt(variance + shape.Epsilon));
        if (lane == 0)
        {
            if (shape.Rows > 1)
            {
                double unbiased = variance * shape.Rows / (shape.Rows - 1);
                running[column] += shape.Momentum * (center - running[column]);
                running[shape.Width + column] += shape.Momentum * ((float)unbiased - running[shape.Width + column]);
            }

            batch[column] = center;
            batch[shape.Width + column] = inverse;
        }

        float factor = inverse * gain[column], shift = offset[column];
        for (int i = lane; i < shape.Rows; i += lanes)
        {
            long at = (long)i * shape.Width + column;
            y[at] = (x[at] - center) * factor + shift;
        }
    }

    /// <summary>Sizes and constants of a layer.</summary>
    internal struct Shape
    {
        public int Rows;
        public int Width;
        public int Columns;
        public float Momentum;
        public float Epsilon;
    }
}
