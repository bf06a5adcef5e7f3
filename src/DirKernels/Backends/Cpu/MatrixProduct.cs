using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// <c>C = A B + bias</c>: the one matrix product behind layers and their gradients. A is read where it lies, with any strides (so a transposed A
/// costs nothing); B is packed once into panels as wide as two registers; the inner kernel keeps 6 x 2 registers of C, 6 x 4 where there
/// are 32.
/// </summary>
/// <remarks>
/// Every element of C is summed over k in one order, ascending but for <see cref="TurnedDepth"/>, in one accumulator, whatever the cut into blocks: the bits do not depend on threads or on
/// the number of rows. Bytes: A and C once per panel of B, B once. Flops: 2 m n k.
/// </remarks>
internal unsafe partial struct MatrixProduct
{
    /// <summary>Rows of C that the inner kernel keeps in registers.</summary>
    public const int TileRows = 6;

    /// <summary>Rows of a tile where six are too many.</summary>
    private const int FewerRows = 4;

    /// <summary>Multiply-adds, a few microseconds of one core, below which a product is not shared.</summary>
    private const long WorthSharing = 300 * 1024;

    /// <summary>Rows of A that stay in the second-level cache while one panel after the other passes them.</summary>
    private const int MostRowsByPanels = 384;

    /// <summary>Elements of B below which one thread packs it.</summary>
    private const long WorthSharingPacking = 64 * 1024;

    public float* A;
    public nint ARowStride;
    public nint AColumnStride;
    public float* B;
    public nint BRowStride;
    public nint BColumnStride;
    public float* C;
    public float* Bias;
    public int Rows;
    public int Columns;
    public int Depth;

    /// <summary>Whether the product is added to what C holds, each element once its sum is finished.</summary>
    public bool Adds;

    /// <summary>Behind the last row of C for another core: tiles of six and of four such rows are stored past the caches, where the columns are whole panels; 0 for none.</summary>
    public int EndAround;

    /// <summary>
    /// Last columns of A, and rows of B, that are taken in descending order. What lies behind them belongs to another core: a processor that sees a constant distance from column to column fetches
    /// some columns ahead of the last one too, and the other core would have to ask for those lines again before it writes them.
    /// </summary>
    public int TurnedDepth;

    /// <summary>Applied to each finished block of rows; <see cref="C"/> keeps the argument when <see cref="Activated"/> is another matrix.</summary>
    public Activation Activation;

    /// <summary>Receives activation(C); may equal C.</summary>
    public float* Activated;

    /// <summary>Columns of a packed panel.</summary>
    public static int PanelWidth => InstructionSet.Bits / 16;

    /// <summary>Whether B can be multiplied with where it lies: rows of whole panels.</summary>
    public readonly bool ReadsInPlace => BColumnStride == 1 && Columns % PanelWidth == 0;

    /// <summary>Elements of B in packed panels.</summary>
    public readonly long PackedLength => (long)Panels * PanelWidth * Depth;

    /// <summary>Panels that a tile covers: two with 32 registers.</summary>
    public static int PanelsOfTile => InstructionSet.Bits == 512 ? 2 : 1;

    /// <summary>Panels of B, the last of which may be filled in part.</summary>
    public readonly int Panels => (Columns + PanelWidth - 1) / PanelWidth;

    /// <summary>Packs B into <see cref="PackedLength"/> elements.</summary>
    public readonly void Pack(float* packed) => Pack(packed, 0, Panels);

    /// <summary>Packs some panels of B to where they lie among <see cref="PackedLength"/> elements.</summary>
    public readonly void Pack(float* packed, int first, int end)
    {
        var job = new PackPanelsJob { Product = this, Packed = packed };
        for (int panel = first; panel < end; panel++)
        {
            job.Run(panel);
        }
    }

    /// <summary>The same, shared by a team.</summary>
    public readonly void Pack(float* packed, WorkerTeam team, bool worthSharing)
    {
        var job = new PackPanelsJob { Product = this, Packed = packed };
        team.Run(ref job, Panels, worthSharing && (long)Columns * Depth > WorthSharingPacking);
    }

    /// <summary>Runs the product on the calling thread, without scratch memory.</summary>
    /// <param name="packed">B as <see cref="Pack(float*)"/> leaves it; null to read it where it lies, which requires <see cref="ReadsInPlace"/>.</param>
    public readonly void RunAlone(float* packed)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                new RowBlocksJob<Simd512, Vector512<float>> { Product = this, Packed = packed, BlockRows = Rows }.Run(0);
                break;
            case 256:
                new RowBlocksJob<Simd256, Vector256<float>> { Product = this, Packed = packed, BlockRows = Rows }.Run(0);
                break;
            default:
                new RowBlocksJob<Simd128, Vector128<float>> { Product = this, Packed = packed, BlockRows = Rows }.Run(0);
                break;
        }
    }

    /// <summary>Computes the columns of some panels of C on the calling thread, activation included.</summary>
    /// <param name="packed">B as <see cref="Pack(float*)"/> leaves it, of which the other panels are not looked at; null to read it where it lies, which requires <see cref="ReadsInPlace"/>.</param>
    /// <param name="first">First panel.</param>
    /// <param name="end">Behind the last panel.</param>
    public readonly void RunPanels(float* packed, int first, int end)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                new RowBlocksJob<Simd512, Vector512<float>> { Product = this, Packed = packed }.RunPanels(first, end);
                break;
            case 256:
                new RowBlocksJob<Simd256, Vector256<float>> { Product = this, Packed = packed }.RunPanels(first, end);
                break;
            default:
                new RowBlocksJob<Simd128, Vector128<float>> { Product = this, Packed = packed }.RunPanels(first, end);
                break;
        }
    }

    /// <summary>Runs the product on a team.</summary>
    public void Run(WorkerTeam team)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Run<Simd512, Vector512<float>>(team);
                break;
            case 256:
                Run<Simd256, Vector256<float>>(team);
                break;
            default:
                Run<Simd128, Vector128<float>>(team);
                break;
        }
    }

    private void Run<TSimd, TVector>(WorkerTeam team)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // A few microseconds of one core: less is not worth waking a worker for.
        bool worthSharing = (long)Rows * Columns * Depth > WorthSharing;
        if (BColumnStride == 1 && FewRowsKernel.IsFor(Rows, Columns, Depth))
        {
            RunFewRows<TSimd, TVector>(team, worthSharing);
            return;
        }

        if (Rows < TileRows && BColumnStride == 1)
        {
            // Packing reads B once: as much as so few rows do with it.
            new RowBlocksJob<TSimd, TVector> { Product = this }.RunUnpacked();
            return;
        }

        int panels = Panels;
        float* packed = ScratchMemory.Request<float>(PackedLength);

        // At most 16 blocks, none so small that the packed panel is read more often than it is used.
        int blockRows = Math.Max(4 * TileRows, (((Rows + 15) / 16) + TileRows - 1) / TileRows * TileRows), blocks = (Rows + blockRows - 1) / blockRows;
        var packing = new PackPanelsJob { Product = this, Packed = packed };
        var job = new RowBlocksJob<TSimd, TVector> { Product = this, Packed = packed, BlockRows = blockRows };
        int strips = (panels + PanelsOfTile - 1) / PanelsOfTile;
        if (worthSharing && Rows <= MostRowsByPanels && Balance(strips, team.Size) >= Balance(blocks, team.Size))
        {
            var both = new StripsJob<TSimd, TVector> { Packing = packing, Rows = job };
            team.Run(ref both, strips, worthSharing);
            return;
        }

        Pack(packed, team, worthSharing);
        team.Run(ref job, blocks, worthSharing);
    }

    // Apart, since what lies on the stack is cleared at each call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void RunFewRows<TSimd, TVector>(WorkerTeam team, bool worthSharing)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        var job = new FewRowsJob<TSimd, TVector> { Rows = new RowBlocksJob<TSimd, TVector> { Product = this }, Blocks = worthSharing ? Math.Min(team.Size, Panels) : 1 };
        team.Run(ref job, job.Blocks, worthSharing);
    }

    /// <summary>The share of the threads' time that blocks of equal work fill.</summary>
    private static double Balance(int blocks, int threads) => threads == 1 ? 0 : blocks / ((blocks + threads - 1) / threads * (double)threads);

    /// <summary>Packs the panels that a tile covers and multiplies all rows with them: for products of few rows, which would make few blocks of rows.</summary>
    private struct StripsJob<TSimd, TVector> : IBlockJob
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        public PackPanelsJob Packing;
        public RowBlocksJob<TSimd, TVector> Rows;

        public readonly void Run(int strip)
        {
            int first = strip * PanelsOfTile, end = Math.Min(first + PanelsOfTile, Rows.Product.Panels);
            for (int panel = first; panel < end; panel++)
            {
                Packing.Run(panel);
            }

            Rows.RunPanels(first, end);
        }
    }

    /// <summary>Few rows: each block reads columns of its own, which stay in the caches of the thread that has them.</summary>
    private struct FewRowsJob<TSimd, TVector> : IBlockJob
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        public RowBlocksJob<TSimd, TVector> Rows;
        public int Blocks;

        public readonly void Run(int block)
        {
            int panels = Rows.Product.Panels;
            Rows.RunFewRows(WorkerTeam.FirstOfShare(panels, block, Blocks), WorkerTeam.FirstOfShare(panels, block + 1, Blocks));
        }
    }
}
