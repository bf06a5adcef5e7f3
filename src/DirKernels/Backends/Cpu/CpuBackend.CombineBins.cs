using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
                Bins = taps.BinCount,
                Around = (long)taps.BinCount * width * sizeof(float) >= LargerThanCaches,
                Width = width,
                Destination = Pointer(destination),
            };
            _team.Run(ref job, DivideUp(width, CombineBinsJob.Piece), (long)taps.BinCount * width > WorthSharing);
            FinishStoresAround(job.Around);
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
        public int Bins;
        public bool Around;
        public int Width;
        public float* Destination;

        /// <summary>Columns of a block: the pieces of five bins stay in the first-level cache, so that memory is read once.</summary>
        public const int Piece = 2048;

        public readonly void Run(int block)
        {
            int start = block * Piece, length = Math.Min(Piece, Width - start);
            for (int bin = 0; bin < Bins; bin++)
            {
                int done = InstructionSet.Bits switch
                {
                    512 => Combine<Simd512, Vector512<float>>(bin, start, length),
                    256 => Combine<Simd256, Vector256<float>>(bin, start, length),
                    _ => Combine<Simd128, Vector128<float>>(bin, start, length),
                };
                for (int i = start + done; i < start + length; i++)
                {
                    Destination[(long)bin * Width + i] = CombineOne(bin, i);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly int Combine<TSimd, TVector>(int bin, int start, int length)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            float* to = Destination + (long)bin * Width + start;
            float* weights = Weights + (long)bin * Taps;
            int* indices = Indices + (long)bin * Taps;
            bool around = Around && (nuint)to % (nuint)(TSimd.Width * sizeof(float)) == 0;

            // What the window of the next bin will see first comes from memory meanwhile.
            float* ahead = Source + Math.Min(Bins - 1L, indices[Taps - 1] + 1L) * Width + start;
            int i = 0;
            for (; i <= length - 4 * TSimd.Width; i += 4 * TSimd.Width)
            {
                CacheLine.Fetch(ahead + i);
                CacheLine.Fetch(ahead + i + TSimd.Width);
                CacheLine.Fetch(ahead + i + 2 * TSimd.Width);
                CacheLine.Fetch(ahead + i + 3 * TSimd.Width);
                TVector s0 = TSimd.Zero, s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
                for (int k = 0; k < Taps; k++)
                {
                    // A tap that is not used is not read: its bin may hold anything.
                    if (weights[k] != 0)
                    {
                        TVector weight = TSimd.Broadcast(weights[k]);
                        float* from = Source + (long)indices[k] * Width + start + i;
                        s0 = TSimd.MultiplyAdd(weight, TSimd.Load(from), s0);
                        s1 = TSimd.MultiplyAdd(weight, TSimd.Load(from + TSimd.Width), s1);
                        s2 = TSimd.MultiplyAdd(weight, TSimd.Load(from + 2 * TSimd.Width), s2);
                        s3 = TSimd.MultiplyAdd(weight, TSimd.Load(from + 3 * TSimd.Width), s3);
                    }
                }

                if (around)
                {
                    TSimd.StoreAround(s0, to + i);
                    TSimd.StoreAround(s1, to + i + TSimd.Width);
                    TSimd.StoreAround(s2, to + i + 2 * TSimd.Width);
                    TSimd.StoreAround(s3, to + i + 3 * TSimd.Width);
                }
                else
                {
                    TSimd.Store(s0, to + i);
                    TSimd.Store(s1, to + i + TSimd.Width);
                    TSimd.Store(s2, to + i + 2 * TSimd.Width);
                    TSimd.Store(s3, to + i + 3 * TSimd.Width);
                }
            }

            return i;
        }

        private readonly float CombineOne(int bin, int column)
        {
            float sum = 0;
            for (int k = 0; k < Taps; k++)
            {
                float weight = Weights[(long)bin * Taps + k];
                if (weight != 0)
                {
                    sum = float.MultiplyAddEstimate(weight, Source[(long)Indices[(long)bin * Taps + k] * Width + column], sum);
                }
            }

            return sum;
        }
    }
}
