using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public void CombineBins(DeviceView<float> source, BinTaps taps, int width, DeviceView<float> destination) =>
        Combine(source, taps, CombineBinsJob.Whole(width), destination);

    /// <inheritdoc/>
    public void CombineCovariances(DeviceView<float> source, BinTaps taps, BinShape shape, DeviceView<float> destination)
    {
        if (shape.BlockSize < CombineBinsJob.ShortestRow)
        {
            CombineBins(source, taps, shape.CovarianceWidth, destination);
            return;
        }

        var job = new CombineBinsJob
        {
            Width = shape.CovarianceWidth,
            Rows = shape.Dimensions,
            RowLength = shape.BlockSize,
            RowsOfBlock = Math.Max(1, CombineBinsJob.Piece / shape.BlockSize),
            IsTriangular = true,
        };
        Combine(source, taps, job, destination);
    }

    private unsafe void Combine(DeviceView<float> source, BinTaps taps, CombineBinsJob job, DeviceView<float> destination)
    {
        fixed (int* indices = taps.Indices)
        fixed (float* weights = taps.Weights)
        {
            job.Source = Pointer(source);
            job.Indices = indices;
            job.Weights = weights;
            job.Taps = taps.TapCount;
            job.Bins = taps.BinCount;
            job.Around = (long)taps.BinCount * job.Width * sizeof(float) >= LargerThanCaches;
            job.Destination = Pointer(destination);
            _team.Run(ref job, DivideUp(job.Rows, job.RowsOfBlock), (long)taps.BinCount * job.Width > WorthSharing);
            FinishStoresAround(job.Around);
        }

        GC.KeepAlive(source.Buffer);
        GC.KeepAlive(destination.Buffer);
    }

    private unsafe struct CombineBinsJob : IBlockJob
    {
        /// <summary>Elements of a block: the pieces of five bins stay in the first-level cache, so that memory is read once.</summary>
        public const int Piece = 2048;

        /// <summary>Rows of triangles that are worth a loop of their own: shorter ones are combined whole in less time.</summary>
        public const int ShortestRow = 128;

        public float* Source;
        public int* Indices;
        public float* Weights;
        public int Taps;
        public int Bins;
        public bool Around;
        public float* Destination;

        /// <summary>Elements of a bin.</summary>
        public int Width;

        /// <summary>Rows of a bin, the last of which may be shorter.</summary>
        public int Rows;
        public int RowLength;
        public int RowsOfBlock;

        /// <summary>Whether rows are those of triangles below each other, and end on the diagonal: up to two registers behind it are combined too.</summary>
        public bool IsTriangular;

        /// <summary>All elements of bins, in pieces.</summary>
        public static CombineBinsJob Whole(int width) => new() { Width = width, Rows = DivideUp(width, Piece), RowLength = Piece, RowsOfBlock = 1 };

        public readonly void Run(int block) => Run(block, 0, Bins);

        /// <summary>A block of some bins.</summary>
        public readonly void Run(int block, int firstBin, int endBin)
        {
            int first = block * RowsOfBlock, end = Math.Min(Rows, first + RowsOfBlock);
            for (int bin = firstBin; bin < endBin; bin++)
            {
                switch (InstructionSet.Bits)
                {
                    case 512:
                        Combine<Simd512, Vector512<float>>(bin, first, end);
                        break;
                    case 256:
                        Combine<Simd256, Vector256<float>>(bin, first, end);
                        break;
                    default:
                        Combine<Simd128, Vector128<float>>(bin, first, end);
                        break;
                }
            }
        }

        [MethodImpl(KernelMethod.Options)]
        private readonly void Combine<TSimd, TVector>(int bin, int first, int end)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            // In registers: for all that a compiler knows, what is stored could be the description of the job.
            int taps = Taps;
            long width = Width;
            float* weights = Weights + (long)bin * taps, source = Source, destination = Destination + bin * width;
            int* indices = Indices + (long)bin * taps;
            int before = IsTriangular ? first % RowLength : 0;
            for (int row = first; row < end; row++, before = before + 1 == RowLength ? 0 : before + 1)
            {
                long start = (long)row * RowLength;
                int length = (int)Math.Min(RowLength, width - start), wanted = IsTriangular ? before + 1 : length, i = 0;
                float* to = destination + start, from = source + start;
                bool around = Around && (nuint)to % (nuint)(TSimd.Width * sizeof(float)) == 0;

                // What the window of the next bin will see first comes from memory meanwhile.
                float* ahead = from + Math.Min(Bins - 1L, indices[taps - 1] + 1L) * width;
                for (; i < wanted - 2 * TSimd.Width && i <= length - 4 * TSimd.Width; i += 4 * TSimd.Width)
                {
                    CacheLine.FetchFar(ahead + i);
                    CacheLine.FetchFar(ahead + i + TSimd.Width);
                    CacheLine.FetchFar(ahead + i + 2 * TSimd.Width);
                    CacheLine.FetchFar(ahead + i + 3 * TSimd.Width);
                    TVector s0 = TSimd.Zero, s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
                    for (int k = 0; k < taps; k++)
                    {
                        // A tap that is not used is not read: its bin may hold anything.
                        if (weights[k] != 0)
                        {
                            TVector weight = TSimd.Broadcast(weights[k]);
                            float* x = from + indices[k] * width + i;
                            s0 = TSimd.MultiplyAdd(weight, TSimd.Load(x), s0);
                            s1 = TSimd.MultiplyAdd(weight, TSimd.Load(x + TSimd.Width), s1);
                            s2 = TSimd.MultiplyAdd(weight, TSimd.Load(x + 2 * TSimd.Width), s2);
                            s3 = TSimd.MultiplyAdd(weight, TSimd.Load(x + 3 * TSimd.Width), s3);
                        }
                    }

                    Store<TSimd, TVector>(s0, to + i, around);
                    Store<TSimd, TVector>(s1, to + i + TSimd.Width, around);
                    Store<TSimd, TVector>(s2, to + i + 2 * TSimd.Width, around);
                    Store<TSimd, TVector>(s3, to + i + 3 * TSimd.Width, around);
                }

                for (; i < wanted && i <= length - TSimd.Width; i += TSimd.Width)
                {
                    CacheLine.FetchFar(ahead + i);
                    TVector sum = TSimd.Zero;
                    for (int k = 0; k < taps; k++)
                    {
                        sum = weights[k] == 0 ? sum : TSimd.MultiplyAdd(TSimd.Broadcast(weights[k]), TSimd.Load(from + indices[k] * width + i), sum);
                    }

                    Store<TSimd, TVector>(sum, to + i, around);
                }

                for (; i < wanted; i++)
                {
                    to[i] = CombineOne(bin, start + i);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store<TSimd, TVector>(TVector vector, float* to, bool around)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            if (around)
            {
                TSimd.StoreAround(vector, to);
            }
            else
            {
                TSimd.Store(vector, to);
            }
        }

        private readonly float CombineOne(int bin, long element)
        {
            float sum = 0;
            for (int k = 0; k < Taps; k++)
            {
                float weight = Weights[(long)bin * Taps + k];
                if (weight != 0)
                {
                    sum = float.MultiplyAddEstimate(weight, Source[(long)Indices[(long)bin * Taps + k] * Width + element], sum);
                }
            }

            return sum;
        }
    }
}
