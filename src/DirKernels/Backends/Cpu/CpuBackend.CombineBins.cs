using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void CombineBins(DeviceView<float> source, BinTaps taps, int width, DeviceView<float> destination)
    {
        fixed (int* indices = taps.Indices)
        fixed (float* weights = taps.Weights)
        {
            var job = new CombineBinsJob
            {
                Source = Pointer(source),
                Indices = indices,
                Weights = weights,
                Taps = taps.TapCount,
                Width = width,
                Destination = Pointer(destination),
            };
            _team.Run(ref job, taps.BinCount, (long)taps.BinCount * width > WorthSharing);
        }

        GC.KeepAlive(source.Buffer);
        GC.KeepAlive(destination.Buffer);
    }

    private unsafe struct CombineBinsJob : IBlockJob
    {
        public float* Source;
        public int* Indices;
        public float* Weights;
        public int Taps;
        public int Width;
        public float* Destination;

        public readonly void Run(int bin)
        {
            // Pieces that stay in the first-level cache while the taps are added up.
            const int Piece = 2048;
            for (int start = 0; start < Width; start += Piece)
            {
                int length = Math.Min(Piece, Width - start);
                var to = new Span<float>(Destination + (long)bin * Width + start, length);
                to.Clear();
                for (int k = 0; k < Taps; k++)
                {
                    float weight = Weights[(long)bin * Taps + k];
                    if (weight != 0)
                    {
                        float* from = Source + (long)Indices[(long)bin * Taps + k] * Width + start;
                        TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(from, length), weight, to, to);
                    }
                }
            }
        }
    }
}
