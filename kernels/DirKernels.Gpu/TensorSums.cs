using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace DirKernels.Gpu;

/// <summary>How many products of parts a tensor-core product is made of: a constant of the kernel.</summary>
internal interface IProductTerms
{
    /// <summary>1, or 3.</summary>
    static abstract int Count { get; }
}

/// <summary>Factors rounded to 11 bits.</summary>
internal readonly struct OneTerm : IProductTerms
{
    public static int Count => 1;
}

/// <summary>Factors in two parts; the product of the small parts is left out.</summary>
internal readonly struct ThreeTerms : IProductTerms
{
    public static int Count => 3;
}

/// <summary>
/// The sums of a 128 x 128 tile on tensor cores: eight warps of 64 x 32, each as 4 x 4 products m16n8k8 of tf32 (PTX ISA, warp-level matrix instructions). CUDA only.
/// </summary>
/// <remarks>
/// Of a 16 x 8 result a lane holds columns 2 t and 2 t + 1 (t = lane mod 4). Two such results side by side take their columns interleaved in pairs, so that a lane's
/// four are neighbours: column c of result j is column <c>4 floor(c / 2) + 2 j + c mod 2</c> of the 16. Rows of a panel are padded by 8, which puts the 32 words that a warp reads
/// of the left operand into 32 banks.
/// </remarks>
internal struct TensorSums<TTerms> : IAccumulators<TensorSums<TTerms>>
    where TTerms : struct, IProductTerms
{
    public Rows8x8 Rows;

    public static int Runs => 2;

    public static int Padding => 8;

    public static int RowOf(int thread, int row, int side) => thread / 32 % 2 * 64 + row / 2 * 16 + row % 2 * 8 + thread % 32 / 4;

    public static int ColumnOf(int thread, int run, int side) => thread / 64 * 32 + run * 16 + thread % 4 * 4;

    /// <summary>Column of the tile that a lane reads of the right operand for result <paramref name="result"/> of a run.</summary>
    public static int RightColumnOf(int thread, int run, int result) => thread / 64 * 32 + run * 16 + thread % 32 / 8 * 4 + result * 2 + thread / 4 % 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddPanels(ArrayView<F4> panelA, int a, ArrayView<F4> panelB, int b, int side)
    {
        int thread = Group.IdxX, step = thread % 4, stride = 8 * side + Padding;
        ArrayView<float> left = panelA.Cast<float>(), right = panelB.Cast<float>();
        int rows = 4 * a + step * stride + RowOf(thread, 0, side), columns = 4 * b + step * stride;
        var p0 = new RightFragment(right, columns + RightColumnOf(thread, 0, 0), stride);
        var p1 = new RightFragment(right, columns + RightColumnOf(thread, 0, 1), stride);
        var q0 = new RightFragment(right, columns + RightColumnOf(thread, 1, 0), stride);
        var q1 = new RightFragment(right, columns + RightColumnOf(thread, 1, 1), stride);
        AddRows(ref Rows.R0, ref Rows.R1, new LeftFragment(left, rows, stride), p0, p1, q0, q1);
        AddRows(ref Rows.R2, ref Rows.R3, new LeftFragment(left, rows + 16, stride), p0, p1, q0, q1);
        AddRows(ref Rows.R4, ref Rows.R5, new LeftFragment(left, rows + 32, stride), p0, p1, q0, q1);
        AddRows(ref Rows.R6, ref Rows.R7, new LeftFragment(left, rows + 48, stride), p0, p1, q0, q1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(in TensorSums<TTerms> other) => Rows.AddAll(other.Rows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F4 Get(int row, int run) => Rows.Get(row, run);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(ref Row8 upper, ref Row8 lower, in LeftFragment a, in RightFragment p0, in RightFragment p1, in RightFragment q0, in RightFragment q1)
    {
        Multiply(ref upper.P.X, ref upper.P.Y, ref lower.P.X, ref lower.P.Y, a, p0);
        Multiply(ref upper.P.Z, ref upper.P.W, ref lower.P.Z, ref lower.P.W, a, p1);
        Multiply(ref upper.Q.X, ref upper.Q.Y, ref lower.Q.X, ref lower.Q.Y, a, q0);
        Multiply(ref upper.Q.Z, ref upper.Q.W, ref lower.Q.Z, ref lower.Q.W, a, q1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref float c0, ref float c1, ref float c2, ref float c3, in LeftFragment a, in RightFragment b)
    {
        if (TTerms.Count == 3)
        {
            // The small parts first: they lose least while the sum is small.
            MultiplyParts(ref c0, ref c1, ref c2, ref c3, Small(a.A0), Small(a.A1), Small(a.A2), Small(a.A3), Large(b.B0), Large(b.B1));
            MultiplyParts(ref c0, ref c1, ref c2, ref c3, Large(a.A0), Large(a.A1), Large(a.A2), Large(a.A3), Small(b.B0), Small(b.B1));
        }

        MultiplyParts(ref c0, ref c1, ref c2, ref c3, Large(a.A0), Large(a.A1), Large(a.A2), Large(a.A3), Large(b.B0), Large(b.B1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyParts(ref float c0, ref float c1, ref float c2, ref float c3, uint a0, uint a1, uint a2, uint a3, uint b0, uint b1)
    {
        if (CudaAsm.IsSupported)
        {
            Ref<float> d0 = c0, d1 = c1, d2 = c2, d3 = c3;
            Input<uint> i0 = a0, i1 = a1, i2 = a2, i3 = a3, j0 = b0, j1 = b1;
            CudaAsm.EmitRef(
                "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};",
                ref d0,
                ref d1,
                ref d2,
                ref d3,
                ref i0,
                ref i1,
                ref i2,
                ref i3,
                ref j0,
                ref j1);
            c0 = d0.Value;
            c1 = d1.Value;
            c2 = d2.Value;
            c3 = d3.Value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Large(float value)
    {
        uint rounded = 0;
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("cvt.rna.tf32.f32 %0, %1;", out rounded, value);
        }

        return rounded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Small(float value) => Large(value - Interop.IntAsFloat(Large(value)));

    /// <summary>What a lane holds of a 16 x 8 left operand: rows r and r + 8, steps t and t + 4.</summary>
    private struct LeftFragment
    {
        public float A0;
        public float A1;
        public float A2;
        public float A3;

        public LeftFragment(ArrayView<float> panel, int at, int stride)
        {
            A0 = panel[at];
            A1 = panel[at + 8];
            A2 = panel[at + 4 * stride];
            A3 = panel[at + 4 * stride + 8];
        }
    }

    /// <summary>What a lane holds of an 8 x 8 right operand: one column, steps t and t + 4.</summary>
    private struct RightFragment
    {
        public float B0;
        public float B1;

        public RightFragment(ArrayView<float> panel, int at, int stride)
        {
            B0 = panel[at];
            B1 = panel[at + 4 * stride];
        }
    }
}
