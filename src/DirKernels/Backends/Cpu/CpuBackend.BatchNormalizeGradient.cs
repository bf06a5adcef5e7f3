namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    private const int ColumnsPerBlock = 64;

    /// <inheritdoc/>
    public unsafe void BatchNormalizeGradient(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> batch, DeviceView<float> dY, DeviceView<float> dGain, DeviceView<float> dOffset, DeviceView<float> dX)
    {
        var job = new BatchNormalizeGradientJob
        {
            X = Pointer(x),
            Width = width,
            Rows = (int)(x.Length / width),
            Gain = Pointer(gain),
            Batch = Pointer(batch),
            DY = Pointer(dY),
            DGain = Pointer(dGain),
            DOffset = Pointer(dOffset),
            DX = Pointer(dX),
        };
        _team.Run(ref job, DivideUp(width, ColumnsPerBlock), x.Length > WorthSharing);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(gain.Buffer);
        GC.KeepAlive(batch.Buffer);
        GC.KeepAlive(dY.Buffer);
        GC.KeepAlive(dGain.Buffer);
        GC.KeepAlive(dOffset.Buffer);
        GC.KeepAlive(dX.Buffer);
    }

    private unsafe struct BatchNormalizeGradientJob : IBlockJob
    {
        public float* X;
        public int Width;
        public int Rows;
        public float* Gain;
        public float* Batch;
        public float* DY;
        public float* DGain;
        public float* DOffset;
        public float* DX;

        public readonly void Run(int block)
        {
            int first = block * ColumnsPerBlock, columns = Math.Min(ColumnsPerBlock, Width - first);
            double* sum = stackalloc double[ColumnsPerBlock];
            double* product = stackalloc double[ColumnsPerBlock];
            new Span<double>(sum, ColumnsPerBlock).Clear();
            new Span<double>(product, ColumnsPerBlock).Clear();
            for (int i = 0; i < Rows; i++)
            {
                long at = (long)i * Width + first;
                for (int j = 0; j < columns; j++)
                {
                    double normalised = (X[at + j] - Batch[first + j]) * Batch[Width + first + j];
                    sum[j] += DY[at + j];
                    product[j] += DY[at + j] * normalised;
                }
            }

            for (int j = 0; j < columns; j++)
            {
                DOffset[first + j] = (float)sum[j];
                DGain[first + j] = (float)product[j];
            }

            // dx = gain / sd (dy - mean(dy) - xhat mean(dy xhat)), since mean and variance depend on every row.
            for (int i = 0; i < Rows; i++)
            {
                long at = (long)i * Width + first;
                for (int j = 0; j < columns; j++)
                {
                    float inverse = Batch[Width + first + j];
                    double normalised = (X[at + j] - Batch[first + j]) * inverse;
                    DX[at + j] = (float)(Gain[first + j] * inverse * (DY[at + j] - sum[j] / Rows - normalised * product[j] / Rows));
                }
            }
        }
    }
}
