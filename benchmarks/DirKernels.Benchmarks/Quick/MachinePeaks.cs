using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>What the machine can do at a number of threads, measured in the same run as the rows: best of several attempts.</summary>
/// <param name="Gflops">Single-precision fused multiply-adds from registers.</param>
/// <param name="ReadGbps">Summing memory far larger than the caches.</param>
/// <param name="ScatteredReadGbps">Summing rows of 2 KB bin after bin, as rows are gathered that lie anywhere.</param>
/// <param name="WriteGbps">Filling it.</param>
/// <param name="CopyGbps">Copying it, bytes read plus bytes written.</param>
/// <param name="MeetingMicroseconds">A job with nothing to do, one block a thread: to the other processors and back. Where processors have no cache in common it takes several times as long.</param>
internal sealed unsafe record MachinePeaks(double Gflops, double ReadGbps, double ScatteredReadGbps, double WriteGbps, double CopyGbps, double MeetingMicroseconds)
{
    private const int Attempts = 7;
    private const int Loops = 4_000_000;
    private const long Elements = 64L << 20;
    private const int Meetings = 2000;

    public static MachinePeaks Measure(int threads)
    {
        using var team = new WorkerTeam(threads);
        using var backend = new CpuBackend(1);
        using var first = (CpuBuffer<float>)backend.Allocate<float>(Elements);
        using var second = (CpuBuffer<float>)backend.Allocate<float>(Elements);
        int blocks = 4 * threads;
        var fma = new FmaJob();
        var read = new ReadJob { Source = first.Pointer, Length = Elements / blocks };
        using var order = (CpuBuffer<int>)backend.Allocate<int>(Elements / ScatteredReadJob.Width);
        ScatteredReadJob.GroupAtRandom(new Span<int>(order.Pointer, checked((int)order.Length)));
        var scattered = new ScatteredReadJob { Source = first.Pointer, Order = order.Pointer, Rows = (int)(order.Length / blocks) };
        var write = new WriteJob { Destination = second.Pointer, Length = Elements / blocks };
        var copy = new CopyJob { Source = first.Pointer, Destination = second.Pointer, Length = Elements / blocks };
        double lanes = InstructionSet.Bits / 32;
        return new MachinePeaks(
            Best(team, ref fma, blocks, 2.0 * lanes * FmaJob.Chains * Loops * blocks),
            Best(team, ref read, blocks, 4.0 * Elements),
            Best(team, ref scattered, blocks, 4.0 * ScatteredReadJob.Width * scattered.Rows * blocks),
            Best(team, ref write, blocks, 4.0 * Elements),
            Best(team, ref copy, blocks, 8.0 * Elements),
            Meet(team));
    }

    /// <summary>The better of two measurements each: what a machine that is shared gave at some time is what it can do.</summary>
    /// <param name="other">Measured at another time.</param>
    public MachinePeaks Best(MachinePeaks other) => new(
        Math.Max(Gflops, other.Gflops),
        Math.Max(ReadGbps, other.ReadGbps),
        Math.Max(ScatteredReadGbps, other.ScatteredReadGbps),
        Math.Max(WriteGbps, other.WriteGbps),
        Math.Max(CopyGbps, other.CopyGbps),
        Math.Min(MeetingMicroseconds, other.MeetingMicroseconds));

    /// <summary><see cref="MeetingMicroseconds"/> alone.</summary>
    public static double Meet(WorkerTeam team)
    {
        var job = new EmptyJob();
        var times = new double[Attempts];
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < Meetings; i++)
            {
                team.Run(ref job, team.Size, worthSharing: true);
            }

            times[attempt] = watch.Elapsed.TotalMicroseconds / Meetings;
        }

        return times.Order().ElementAt(Attempts / 2);
    }

    private static double Best<TJob>(WorkerTeam team, ref TJob job, int blocks, double amount)
        where TJob : struct, IBlockJob
    {
        double best = 0;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var watch = Stopwatch.StartNew();
            team.Run(ref job, blocks, worthSharing: true);
            best = Math.Max(best, amount / watch.Elapsed.TotalSeconds / 1e9);
        }

        return best;
    }

    private struct EmptyJob : IBlockJob
    {
        public readonly void Run(int block)
        {
        }
    }

    private struct FmaJob : IBlockJob
    {
        public const int Chains = 12;

        private static float _sink;

        public readonly void Run(int block) => _sink = InstructionSet.Bits switch
        {
            512 => Chain<Simd512, Vector512<float>>(),
            256 => Chain<Simd256, Vector256<float>>(),
            _ => Chain<Simd128, Vector128<float>>(),
        };

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Chain<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            TVector a = TSimd.Broadcast(0.9999f), b = TSimd.Broadcast(1e-4f);
            TVector c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
            for (int i = 0; i < Loops; i++)
            {
                c0 = TSimd.MultiplyAdd(a, c0, b);
                c1 = TSimd.MultiplyAdd(a, c1, b);
                c2 = TSimd.MultiplyAdd(a, c2, b);
                c3 = TSimd.MultiplyAdd(a, c3, b);
                c4 = TSimd.MultiplyAdd(a, c4, b);
                c5 = TSimd.MultiplyAdd(a, c5, b);
                c6 = TSimd.MultiplyAdd(a, c6, b);
                c7 = TSimd.MultiplyAdd(a, c7, b);
                c8 = TSimd.MultiplyAdd(a, c8, b);
                c9 = TSimd.MultiplyAdd(a, c9, b);
                c10 = TSimd.MultiplyAdd(a, c10, b);
                c11 = TSimd.MultiplyAdd(a, c11, b);
            }

            TVector sum = TSimd.Add(TSimd.Add(TSimd.Add(c0, c1), TSimd.Add(c2, c3)), TSimd.Add(TSimd.Add(c4, c5), TSimd.Add(c6, c7)));
            return TSimd.Sum(TSimd.Add(sum, TSimd.Add(TSimd.Add(c8, c9), TSimd.Add(c10, c11))));
        }
    }

    private struct ReadJob : IBlockJob
    {
        private static float _sink;

        public float* Source;
        public long Length;

        public readonly void Run(int block)
        {
            float* from = Source + block * Length;
            Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (long i = 0; i < Length; i += 32)
            {
                s0 += Vector256.Load(from + i);
                s1 += Vector256.Load(from + i + 8);
                s2 += Vector256.Load(from + i + 16);
                s3 += Vector256.Load(from + i + 24);
            }

            _sink = Vector256.Sum(s0 + s1 + (s2 + s3));
        }
    }

    private struct WriteJob : IBlockJob
    {
        public float* Destination;
        public long Length;

        public readonly void Run(int block) => new Span<float>(Destination + block * Length, checked((int)Length)).Fill(1);
    }

    private struct CopyJob : IBlockJob
    {
        public float* Source;
        public float* Destination;
        public long Length;

        public readonly void Run(int block) =>
            Buffer.MemoryCopy(Source + block * Length, Destination + block * Length, Length * sizeof(float), Length * sizeof(float));
    }
}
