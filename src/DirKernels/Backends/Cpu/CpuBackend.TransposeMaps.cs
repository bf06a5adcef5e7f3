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
            int block = Shape.BlockSize;
            float* from = Maps + (long)bin * Shape.CovarianceWidth, to = Transposed + (long)bin * Shape.CovarianceWidth;
            new Span<float>(to, Shape.CovarianceWidth).Clear();
            for (int start = 0; start < Shape.Dimensions; start += block, from += (long)block * block, to += (long)block * block)
            {
                TransposeLower(from, Math.Min(block, Shape.Dimensions - start), block, to);
            }
        }

        private static void TransposeLower(float* from, int size, int stride, float* to)
        {
            // Tiles below those on the diagonal; what lies above it is not read.
            int tiled = TransposedTile.IsFast ? size / TransposedTile.Size * TransposedTile.Size : 0;
            for (int i = 0; i < tiled; i += TransposedTile.Size)
            {
                for (int j = 0; j < i; j += TransposedTile.Size)
                {
                    TransposedTile.Copy(from + (long)i * stride + j, stride, to + (long)j * stride + i, stride);
                }
            }

            for (int i = 0; i < size; i++)
            {
                for (int j = i < tiled ? i / TransposedTile.Size * TransposedTile.Size : 0; j <= i; j++)
                {
                    to[(long)j * stride + i] = from[(long)i * stride + j];
                }
            }
        }
    }
}
