using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>z~ = z + T_b (z - mu_b) + shift_b</c>. The diagonal kind is here; blocks are <see cref="TriangularProductKernel"/>.
/// </summary>
/// <remarks>
/// Launch: a group takes 256 rows in the order of visits and up to 128 columns, four a thread, with the bin's mean, scale and shift in registers from row to row of the same bin.
/// 8 bytes an element beside 12 for each change of bin. Deterministic: a row's result does not depend on the order. Four roundings.
/// </remarks>
internal static class CalibrateKernel
{
    private const int RowsOfLane = 32;

    public static void Run(
        GpuRuntime gpu, ArrayView<float> features, ArrayView<int> bins, ArrayView<int> order, bool ordered, BinShape shape, ArrayView<float> means, ArrayView<float> maps, ArrayView<float> shifts, ArrayView<float> calibrated)
    {
        if (bins.Length == 0)
        {
            return;
        }

        if (shape.BlockSize > 1)
        {
            TriangularProductKernel.Run(gpu, features, bins, shape, means, maps, shifts, calibrated, upper: true);
            return;
        }

        bool aligned = Quads.Aligned(features) && Quads.Aligned(means) && Quads.Aligned(maps) && Quads.Aligned(shifts) && Quads.Aligned(calibrated);
        Visits visits = Visits.Of(gpu, (int)bins.Length, shape.Dimensions, ordered, aligned);
        gpu.Launch(visits.Grid(gpu), Kernel, features, bins, order, means, maps, shifts, calibrated, visits);
    }

    public static void Kernel(
        ArrayView<float> features, ArrayView<int> bins, ArrayView<int> order, ArrayView<float> means, ArrayView<float> maps, ArrayView<float> shifts, ArrayView<float> calibrated, Visits visits)
    {
        int lane = Group.IdxX / visits.ColumnThreads, column = (Grid.IdxY * visits.ColumnThreads + Group.IdxX % visits.ColumnThreads) * visits.Columns;
        if (column >= visits.Width)
        {
            return;
        }

        int lanes = Group.DimX / visits.ColumnThreads, first = Grid.IdxX * lanes * RowsOfLane + lane * RowsOfLane;
        int end = IntrinsicMath.Min(visits.Rows, first + RowsOfLane), current = -1;
        F4 mean = default, map = default, shift = default;
        for (int visit = first; visit < end; visit++)
        {
            int i = visits.Ordered == 0 ? visit : order[visit], bin = bins[i];
            long at = (long)i * visits.Width + column;
            if (bin != current)
            {
                current = bin;
                long of = (long)bin * visits.Width + column;
                mean = visits.Read(means, of);
                map = visits.Read(maps, of);
                shift = visits.Read(shifts, of);
            }

            F4 z = visits.Read(features, at);
            var result = new F4(
                z.X + shift.X + (z.X - mean.X) * map.X, z.Y + shift.Y + (z.Y - mean.Y) * map.Y, z.Z + shift.Z + (z.Z - mean.Z) * map.Z, z.W + shift.W + (z.W - mean.W) * map.W);
            visits.Write(calibrated, at, result);
        }
    }

    /// <summary>How rows and columns are shared out.</summary>
    internal struct Visits
    {
        public int Rows;
        public int Width;

        /// <summary>Columns of a thread: four, or one where they do not lie aligned.</summary>
        public int Columns;
        public int ColumnThreads;
        public int Ordered;

        public static Visits Of(GpuRuntime gpu, int rows, int width, bool ordered, bool aligned)
        {
            int columns = aligned && width % 4 == 0 ? 4 : 1, threads = 1;
            while (threads < 32 && threads < gpu.Scale.GroupSize && threads * columns < width)
            {
                threads *= 2;
            }

            return new Visits { Rows = rows, Width = width, Columns = columns, ColumnThreads = threads, Ordered = ordered ? 1 : 0 };
        }

        public readonly KernelConfig Grid(GpuRuntime gpu)
        {
            int rowsOfGroup = gpu.Scale.GroupSize / ColumnThreads * RowsOfLane, columnsOfGroup = ColumnThreads * Columns;
            return new KernelConfig(((Rows + rowsOfGroup - 1) / rowsOfGroup, (Width + columnsOfGroup - 1) / columnsOfGroup, 1), (gpu.Scale.GroupSize, 1, 1));
        }

        public readonly F4 Read(ArrayView<float> from, long at) => Columns == 4 ? from.Cast<F4>()[at / 4] : new F4(from[at], 0f, 0f, 0f);

        public readonly void Write(ArrayView<float> to, long at, in F4 value)
        {
            if (Columns == 4)
            {
                to.Cast<F4>()[at / 4] = value;
            }
            else
            {
                to[at] = value.X;
            }
        }
    }
}
