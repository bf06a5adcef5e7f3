namespace DirKernels.Backends.Cpu;

/// <summary>
/// Cholesky factors and maps of as many small matrices at once as a register has lanes, in double precision: matrix l lives in lane l of every element. What
/// <see cref="TriangularFactor"/> does for one matrix, without its panels and without moving numbers across lanes, which is most of the work where matrices are small.
/// </summary>
/// <remarks>
/// Element (i, j) of all matrices begins at <c>(i RowLength + j) width</c>. Sizes are rounded up to whole tiles of four; what is beyond a matrix is the identity. Flops: size^3 / 3
/// for a factor and as many for a map, for each lane. The tests compare both ways with the same oracle.
/// </remarks>
internal static unsafe class LaneFactor
{
    /// <summary>Largest matrix: eight lanes of two triangles of 64 rows take a quarter of a megabyte, a share of the second-level cache.</summary>
    public const int LargestSize = 64;

    private const int Tile = LaneKernel.Tile;

    /// <summary>Matrices at a time; 0 where registers have too few lanes for it to be faster than one matrix after the other.</summary>
    public static int Lanes => InstructionSet.Bits >= 256 ? InstructionSet.Bits / 64 : 0;

    /// <summary>Elements from row to row: an odd number of cache lines at 512 bits, so that rows do not compete for the same cache sets.</summary>
    public static int RowLength(int size) => WholeTiles(size) + 1;

    /// <summary>Elements of memory of all matrices of a group.</summary>
    public static int MatrixElements(int size) => WholeTiles(size) * RowLength(size) * Lanes;

    /// <summary>Elements of working memory: inverses of a diagonal and the smallest pivots.</summary>
    public static int WorkElements(int size) => 2 * WholeTiles(size) * Lanes;

    /// <summary>Sizes in whole tiles.</summary>
    public static int WholeTiles(int size) => (size + Tile - 1) / Tile * Tile;

    /// <summary>Replaces the lower triangles by their Cholesky factors; pivots fail as in <see cref="TriangularFactor.Cholesky(double*, int, double*)"/>.</summary>
    /// <param name="matrices">The group; only lower triangles are read, what lies above them in a tile on the diagonal becomes 0.</param>
    /// <param name="size">g.</param>
    /// <param name="wanted">Lanes that somebody looks at, one bit each: when all of them have failed, nothing else is computed.</param>
    /// <param name="work">[<see cref="WorkElements"/>]; its first half receives the inverses of the diagonal.</param>
    /// <returns>The lanes that failed, one bit each; their factors mean nothing.</returns>
    public static int Cholesky<TSimd, TVector>(double* matrices, int size, int wanted, double* work)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int whole = WholeTiles(size), failed = 0;
        nint row = RowLength(size) * TSimd.Width, column = TSimd.Width;
        double* smallest = work + whole * TSimd.Width;
        for (int i = 0; i < whole; i++)
        {
            TSimd.Store(TSimd.Multiply(TSimd.Load(matrices + i * row + i * column), TSimd.Broadcast(TriangularFactor.SmallestPivot)), smallest + i * TSimd.Width);
        }

        for (int j = 0; j < whole && (wanted & ~failed) != 0; j += Tile)
        {
            double* pivots = matrices + j * row, inverses = work + j * TSimd.Width;
            for (int i = j; i < whole; i += Tile)
            {
                double* rows = matrices + i * row, tile = rows + j * column;
                LaneKernel.SubtractProduct<TSimd, TVector>(tile, row, rows, pivots, column, row, j);
                if (i == j)
                {
                    failed |= LaneKernel.Factor<TSimd, TVector>(tile, row, smallest + j * TSimd.Width, inverses);
                }
                else
                {
                    // X L^T = C: L^T is upper triangular, its rows are columns of L.
                    LaneKernel.Substitute<TSimd, TVector>(tile, row, pivots + j * column, column, row, inverses, ascending: true);
                }
            }
        }

        return failed;
    }

    /// <summary>Solves <c>A L = R</c> for lower-triangular A by substitution from the right; R is replaced by A.</summary>
    /// <param name="factors">L.</param>
    /// <param name="right">R, as <see cref="Cholesky"/> leaves it.</param>
    /// <param name="size">g.</param>
    /// <param name="inverses">The inverses of L's diagonal that <see cref="Cholesky"/> left.</param>
    public static void SolveRight<TSimd, TVector>(double* factors, double* right, int size, double* inverses)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int whole = WholeTiles(size);
        nint row = RowLength(size) * TSimd.Width, column = TSimd.Width;
        for (int j = whole - Tile; j >= 0; j -= Tile)
        {
            int next = j + Tile;
            double* below = factors + next * row + j * column;
            for (int i = j; i < whole; i += Tile)
            {
                double* rows = right + i * row, tile = rows + j * column;
                LaneKernel.SubtractProduct<TSimd, TVector>(tile, row, rows + next * column, below, row, column, i + Tile - next);
                LaneKernel.Substitute<TSimd, TVector>(tile, row, factors + j * row + j * column, row, column, inverses + j * TSimd.Width, ascending: false);
            }
        }
    }
}
