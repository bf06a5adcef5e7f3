using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>The parts of solving the maps of 100 bins, each with its own threads: factorisation and triangular solve, from and to single precision.</summary>
internal static unsafe class QuickMapRows
{
    private const int Bins = 100;

    /// <summary>32 KB.</summary>
    private const int ElementsBetweenLanes = 4096;

    /// <summary><c>L L^T = Sigma</c> for each bin: reads 4 D (D + 1) / 2 bytes a bin, D^3 / 3 flops.</summary>
    public static QuickRow Cholesky(CpuBackend backend, int dimensions, Func<DeviceBuffer<float>> covariances) =>
        new($"cholesky {Bins}x{dimensions}", QuickLimit.Arithmetic, Flops(dimensions), 0, () => Prepare(backend, dimensions, covariances(), solve: false));

    /// <summary><c>A L = R</c> for each bin, R read and A written in single precision, L the same for all: D^3 / 3 flops.</summary>
    public static QuickRow Maps(CpuBackend backend, int dimensions, Func<DeviceBuffer<float>> covariances) =>
        new($"maps {Bins}x{dimensions}", QuickLimit.Arithmetic, Flops(dimensions), 0, () => Prepare(backend, dimensions, covariances(), solve: true));

    private static double Flops(int dimensions) => (double)Bins * dimensions * dimensions * dimensions / 3;

    private static (Action Run, IDisposable[] Owned) Prepare(CpuBackend backend, int dimensions, DeviceBuffer<float> covariances, bool solve)
    {
        var team = new WorkerTeam(backend.Threads);
        int lanes = team.Size;

        // What a processor fetches ahead of the rows of one lane, or of the factor that all read, must not be what another thread writes.
        long matrix = TriangularFactor.MatrixElements(dimensions), lane = matrix + TriangularFactor.WorkElements(dimensions) + ElementsBetweenLanes;
        long factor = matrix + ElementsBetweenLanes;
        DeviceBuffer<double> scratch = backend.Allocate<double>(lanes * lane + factor);
        DeviceBuffer<float> maps = backend.Allocate<float>(solve ? covariances.Length : 1);
        DeviceBuffer<byte> inactive = backend.Allocate<byte>(dimensions);
        var job = new BinsJob
        {
            Dimensions = dimensions,
            Lanes = lanes,
            LaneElements = lane,
            Covariances = Pointer(covariances),
            Maps = Pointer(maps),
            Inactive = (bool*)Pointer(inactive),
            Factor = Pointer(scratch),
            Scratch = Pointer(scratch) + factor,
            Solve = solve,
        };
        new Span<byte>(job.Inactive, dimensions).Clear();
        TriangularOperand.Load(job.Covariances, dimensions, dimensions, 0, 0, job.Inactive, job.Factor);
        if (!TriangularFactor.Cholesky(job.Factor, dimensions, job.Scratch + matrix))
        {
            throw new InvalidOperationException("The covariance to factorise is not positive definite.");
        }

        void Run()
        {
            // On the stack: the team keeps its address.
            BinsJob bins = job;
            team.Run(ref bins, lanes, worthSharing: true);
        }

        return (Run, [covariances, maps, scratch, inactive, team]);
    }

    private static T* Pointer<T>(DeviceBuffer<T> buffer)
        where T : unmanaged => ((CpuBuffer<T>)buffer).Pointer;

    private struct BinsJob : IBlockJob
    {
        public int Dimensions;
        public int Lanes;
        public long LaneElements;
        public float* Covariances;
        public float* Maps;
        public bool* Inactive;
        public double* Factor;
        public double* Scratch;
        public bool Solve;

        public readonly void Run(int lane)
        {
            double* matrix = Scratch + lane * LaneElements, work = matrix + TriangularFactor.MatrixElements(Dimensions);
            for (int bin = Bins * lane / Lanes; bin < Bins * (lane + 1) / Lanes; bin++)
            {
                long offset = (long)bin * Dimensions * Dimensions;
                TriangularOperand.Load(Covariances + offset, Dimensions, Dimensions, 0, 0, Inactive, matrix);
                if (Solve)
                {
                    TriangularFactor.SolveRight(Factor, matrix, Dimensions, work);
                    TriangularOperand.Store(matrix, Dimensions, 1, Maps + offset, Dimensions);
                }
                else
                {
                    TriangularFactor.Cholesky(matrix, Dimensions, work);
                }
            }
        }
    }
}
