namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void BatchNormalize(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float momentum, float epsilon, DeviceView<float> running, DeviceView<float> batch, DeviceView<float> y)
    {
        var job = new BatchNormalizeJob
        {
            X = Pointer(x),
            Width = width,
            Rows = (int)(x.Length / width),
            Gain = Pointer(gain),
            Offset = Pointer(offset),
            Momentum = momentum,
            Epsilon = epsilon,
            Running = Pointer(running),
            Batch = Pointer(batch),
            Y = Pointer(y),
        };
        _team.Run(ref job, DivideUp(width, ColumnsPerBlock), x.Length > WorthSharing);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(gain.Buffer);
        GC.KeepAlive(offset.Buffer);
        GC.KeepAlive(running.Buffer);
        GC.KeepAlive(batch.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    /// <inheritdoc/>
    public unsafe void BatchNormalizeFixed(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float epsilon, DeviceView<float> running, DeviceView<float> y)
    {
        float* mean = Pointer(running), variance = mean + width, from = Pointer(x), to = Pointer(y), scale = Pointer(gain), shift = Pointer(offset);
        int rows = (int)(x.Length / width);
        for (int j = 0; j < width; j++)
        {
            float factor = scale[j] / MathF.Sqrt(variance[j] + epsilon);
            for (long i = j; i < (long)rows * width; i += width)
            {
                to[i] = (from[i] - mean[j]) * factor + shift[j];
            }
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(gain.Buffer);
        GC.KeepAlive(offset.Buffer);
        GC.KeepAlive(running.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    private unsafe struct BatchNormalizeJob : IBlockJob
    {
        public float* X;
        public int Width;
        public int Rows;
        public float* Gain;
        public float* Offset;
        public float Momentum;
        public float Epsilon;
        public float* Running;
        public float* Batch;
        public float* Y;

        public readonly void Run(int block)
        {
            int first = block * ColumnsPerBlock, columns = Math.Min(ColumnsPerBlock, Width - first);
            double* mean = stackalloc double[ColumnsPerBlock];
            double* variance = stackalloc double[ColumnsPerBlock];
            ColumnMoments.MeanAndVariance(X + first, Width, Rows, columns, mean, variance);
            for (int j = 0; j < columns; j++)
            {
                int column = first + j;
                if (Rows > 1)
                {
                    double unbiased = variance[j] * Rows / (Rows - 1);
                    Running[column] += Momentum * ((float)mean[j] - Running[column]);
                    Running[Width + column] += Momentum * ((float)unbiased - Running[Width + column]);
                }

                Batch[column] = (float)mean[j];
                Batch[Width + column] = (float)(1 / Math.Sqrt(variance[j] + Epsilon));
            }

            for (int i = 0; i < Rows; i++)
            {
                float* from = X + (long)i * Width, to = Y + (long)i * Width;
                for (int column = first; column < first + columns; column++)
                {
                    to[column] = (from[column] - Batch[column]) * (Batch[Width + column] * Gain[column]) + Offset[column];
                }
            }
        }
    }
}
