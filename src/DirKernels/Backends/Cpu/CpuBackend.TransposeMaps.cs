namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void TransposeMaps(DeviceView<float> maps, BinShape shape, DeviceView<float> transposed)
    {
        var job = new TransposeMapsJob { Maps = Pointer(maps), Shape = shape, Transposed = Pointer(transposed) };
        _team.Run(ref job, shape.Bins, maps.Length > WorthSharing);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(transposed.Buffer);
    }

    private unsafe struct TransposeMapsJob : IBlockJob
    {
        public float* Maps;
        public BinShape Shape;
        public float* Transposed;

        public readonly void Run(int bin)
        {
            int width = Shape.Dimensions, block = Shape.BlockSize;
            float* from = Maps + (long)bin * Shape.CovarianceWidth, to = Transposed + (long)bin * Shape.CovarianceWidth;
            new Span<float>(to, Shape.CovarianceWidth).Clear();
            for (int i = 0; i < width; i++)
            {
                int start = Shape.BlockStart(i), local = i - start;
                float* row = from + (long)i * block, column = to + (long)start * block + local;
                for (int j = 0; j <= local; j++)
                {
                    column[(long)j * block] = row[j];
                }
            }
        }
    }
}
