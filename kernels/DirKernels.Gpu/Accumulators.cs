using System.Runtime.CompilerServices;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// The sums of a tile that one thread holds in registers: <c>4 Runs</c> rows, in each <c>Runs</c> runs of four neighbouring columns. Panels of the operands lie in shared memory as
/// [depth x tile], each row followed by a padding.
/// </summary>
internal interface IAccumulators<TSelf>
    where TSelf : struct, IAccumulators<TSelf>
{
    /// <summary>Runs of four in each direction.</summary>
    static abstract int Runs { get; }

    /// <summary>Numbers between the rows of a panel, a multiple of four.</summary>
    static abstract int Padding { get; }

    /// <summary>Row of the tile that holds a row of a thread.</summary>
    static abstract int RowOf(int thread, int row, int side);

    /// <summary>First column of the tile that a run of a thread covers.</summary>
    static abstract int ColumnOf(int thread, int run, int side);

    /// <summary>Adds the product of two panels, which start at runs a and b.</summary>
    void AddPanels(ArrayView<F4> panelA, int a, ArrayView<F4> panelB, int b, int side);

    /// <summary>Adds other sums.</summary>
    void AddAll(in TSelf other);

    /// <summary>Four neighbouring sums.</summary>
    F4 Get(int row, int run);
}

/// <summary>8 x 8 sums.</summary>
internal struct Sums8x8 : IAccumulators<Sums8x8>
{
    public Rows8x8 Rows;

    public static int Runs => 2;

    public static int Padding => 0;

    public static int RowOf(int thread, int row, int side) => thread / side * 4 + row % 4 + row / 4 * (4 * side);

    public static int ColumnOf(int thread, int run, int side) => thread % side * 4 + run * (4 * side);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddPanels(ArrayView<F4> panelA, int a, ArrayView<F4> panelB, int b, int side)
    {
        int tx = Group.IdxX % side, ty = Group.IdxX / side;
        for (int step = 0; step < PanelQuads.Depth; step++)
        {
            Add(panelA, a + step * (side * Runs) + ty, panelB, b + step * (side * Runs) + tx, side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(ArrayView<F4> panelA, int a, ArrayView<F4> panelB, int b, int half)
    {
        F4 u = panelA[a], v = panelA[a + half], p = panelB[b], q = panelB[b + half];
        Rows.R0.Add(u.X, p, q);
        Rows.R1.Add(u.Y, p, q);
        Rows.R2.Add(u.Z, p, q);
        Rows.R3.Add(u.W, p, q);
        Rows.R4.Add(v.X, p, q);
        Rows.R5.Add(v.Y, p, q);
        Rows.R6.Add(v.Z, p, q);
        Rows.R7.Add(v.W, p, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(in Sums8x8 other) => Rows.AddAll(other.Rows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F4 Get(int row, int run) => Rows.Get(row, run);
}

/// <summary>4 x 4 sums, for small matrices.</summary>
internal struct Sums4x4 : IAccumulators<Sums4x4>
{
    public F4 R0;
    public F4 R1;
    public F4 R2;
    public F4 R3;

    public static int Runs => 1;

    public static int Padding => 0;

    public static int RowOf(int thread, int row, int side) => thread / side * 4 + row;

    public static int ColumnOf(int thread, int run, int side) => thread % side * 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddPanels(ArrayView<F4> panelA, int a, ArrayView<F4> panelB, int b, int side)
    {
        int tx = Group.IdxX % side, ty = Group.IdxX / side;
        for (int step = 0; step < PanelQuads.Depth; step++)
        {
            Add(panelA, a + step * (side * Runs) + ty, panelB, b + step * (side * Runs) + tx, side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(ArrayView<F4> panelA, int a, ArrayView<F4> panelB, int b, int half)
    {
        F4 u = panelA[a], p = panelB[b];
        R0.AddProduct(u.X, p);
        R1.AddProduct(u.Y, p);
        R2.AddProduct(u.Z, p);
        R3.AddProduct(u.W, p);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(in Sums4x4 other)
    {
        R0.AddAll(other.R0);
        R1.AddAll(other.R1);
        R2.AddAll(other.R2);
        R3.AddAll(other.R3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F4 Get(int row, int run) => row < 2 ? (row == 0 ? R0 : R1) : row == 2 ? R2 : R3;
}

/// <summary>The registers of 8 x 8 sums.</summary>
internal struct Rows8x8
{
    public Row8 R0;
    public Row8 R1;
    public Row8 R2;
    public Row8 R3;
    public Row8 R4;
    public Row8 R5;
    public Row8 R6;
    public Row8 R7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(in Rows8x8 other)
    {
        R0.AddAll(other.R0);
        R1.AddAll(other.R1);
        R2.AddAll(other.R2);
        R3.AddAll(other.R3);
        R4.AddAll(other.R4);
        R5.AddAll(other.R5);
        R6.AddAll(other.R6);
        R7.AddAll(other.R7);
    }

    // A choice between registers, since an index into them would move them to memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F4 Get(int row, int run)
    {
        Row8 upper = row < 2 ? (row == 0 ? R0 : R1) : row == 2 ? R2 : R3;
        Row8 lower = row < 6 ? (row == 4 ? R4 : R5) : row == 6 ? R6 : R7;
        Row8 chosen = row < 4 ? upper : lower;
        return run == 0 ? chosen.P : chosen.Q;
    }
}

/// <summary>Eight sums of one row.</summary>
internal struct Row8
{
    public F4 P;
    public F4 Q;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float a, in F4 p, in F4 q)
    {
        P.AddProduct(a, p);
        Q.AddProduct(a, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(in Row8 other)
    {
        P.AddAll(other.P);
        Q.AddAll(other.Q);
    }
}
