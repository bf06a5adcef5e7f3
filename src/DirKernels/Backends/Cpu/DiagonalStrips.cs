using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>A pass over some rows of a bin, strip by strip of columns whose sums fit the registers; the rows stay in a cache meanwhile.</summary>
internal static unsafe class DiagonalStrips
{
    /// <summary>Merges the rows of a pass.</summary>
    /// <param name="pass">Rows and statistics.</param>
    /// <param name="fetch">Asks for those to come.</param>
    /// <param name="singleLines">Strips of one line with registers of 512 bits, as wide as they are with smaller ones: memory answers fastest when it is asked for one line at a time.</param>
    public static void Merge<TFetch>(DiagonalPass pass, TFetch fetch, bool singleLines)
        where TFetch : struct, IStripFetch
    {
        int column = InstructionSet.Bits switch
        {
            512 => Merge<WideSimd512, Vector512<double>, TFetch>(pass, fetch, singleLines),
            256 => Merge<WideSimd256, Vector256<double>, TFetch>(pass, fetch, false),
            _ => Merge<WideSimd128, Vector128<double>, TFetch>(pass, fetch, false),
        };
        for (; column < pass.Width; column++)
        {
            pass.Update.MergeColumn(pass.Rows, column, pass.Means, pass.Scatters);
        }
    }

    private static int Merge<TSimd, TVector, TFetch>(DiagonalPass pass, TFetch fetch, bool singleLines)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
        where TFetch : struct, IStripFetch
    {
        int two = 2 * TSimd.Width, four = 2 * two, column = 0;
        for (; singleLines && column <= pass.Width - two; column += two)
        {
            MergeTwo<TSimd, TVector, TFetch>(pass, column, ref fetch);
        }

        for (; column <= pass.Width - four; column += four)
        {
            MergeFour<TSimd, TVector, TFetch>(pass, column, ref fetch);
        }

        for (; column <= pass.Width - TSimd.Width; column += TSimd.Width)
        {
            MergeOne<TSimd, TVector, TFetch>(pass, column, ref fetch);
        }

        return column;
    }

    [MethodImpl(KernelMethod.Options)]
    private static void MergeTwo<TSimd, TVector, TFetch>(DiagonalPass pass, int column, ref TFetch fetch)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
        where TFetch : struct, IStripFetch
    {
        int width = TSimd.Width;
        float** rows = pass.Rows;
        TVector shift0 = TSimd.LoadWide(rows[0] + column), shift1 = TSimd.LoadWide(rows[0] + column + width);
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, squares0 = TSimd.Zero, squares1 = TSimd.Zero;
        TFetch ahead = fetch;
        int lines = LinesOf(column, 2 * width), count = pass.Update.Count;
        ahead.Next(0, column, lines);
        for (int r = 1; r < count; r++)
        {
            float* x = rows[r] + column;
            ahead.Next(r, column, lines);
            Add<TSimd, TVector>(x, shift0, ref sum0, ref squares0);
            Add<TSimd, TVector>(x + width, shift1, ref sum1, ref squares1);
        }

        fetch = ahead;
        pass.Update.Take<TSimd, TVector>(shift0, sum0, squares0, pass.Means + column, pass.Scatters + column);
        pass.Update.Take<TSimd, TVector>(shift1, sum1, squares1, pass.Means + column + width, pass.Scatters + column + width);
    }

    [MethodImpl(KernelMethod.Options)]
    private static void MergeFour<TSimd, TVector, TFetch>(DiagonalPass pass, int column, ref TFetch fetch)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
        where TFetch : struct, IStripFetch
    {
        int width = TSimd.Width;
        float** rows = pass.Rows;
        float* first = rows[0] + column;
        TVector shift0 = TSimd.LoadWide(first), shift1 = TSimd.LoadWide(first + width), shift2 = TSimd.LoadWide(first + 2 * width), shift3 = TSimd.LoadWide(first + 3 * width);
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        TVector squares0 = TSimd.Zero, squares1 = TSimd.Zero, squares2 = TSimd.Zero, squares3 = TSimd.Zero;
        TFetch ahead = fetch;
        int lines = LinesOf(column, 4 * width), count = pass.Update.Count;
        ahead.Next(0, column, lines);
        for (int r = 1; r < count; r++)
        {
            float* x = rows[r] + column;
            ahead.Next(r, column, lines);
            Add<TSimd, TVector>(x, shift0, ref sum0, ref squares0);
            Add<TSimd, TVector>(x + width, shift1, ref sum1, ref squares1);
            Add<TSimd, TVector>(x + 2 * width, shift2, ref sum2, ref squares2);
            Add<TSimd, TVector>(x + 3 * width, shift3, ref sum3, ref squares3);
        }

        fetch = ahead;
        double* means = pass.Means + column, scatters = pass.Scatters + column;
        pass.Update.Take<TSimd, TVector>(shift0, sum0, squares0, means, scatters);
        pass.Update.Take<TSimd, TVector>(shift1, sum1, squares1, means + width, scatters + width);
        pass.Update.Take<TSimd, TVector>(shift2, sum2, squares2, means + 2 * width, scatters + 2 * width);
        pass.Update.Take<TSimd, TVector>(shift3, sum3, squares3, means + 3 * width, scatters + 3 * width);
    }

    [MethodImpl(KernelMethod.Options)]
    private static void MergeOne<TSimd, TVector, TFetch>(DiagonalPass pass, int column, ref TFetch fetch)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
        where TFetch : struct, IStripFetch
    {
        TVector shift = TSimd.LoadWide(pass.Rows[0] + column), sum = TSimd.Zero, squares = TSimd.Zero;
        TFetch ahead = fetch;
        int lines = LinesOf(column, TSimd.Width), count = pass.Update.Count;
        ahead.Next(0, column, lines);
        for (int r = 1; r < count; r++)
        {
            ahead.Next(r, column, lines);
            Add<TSimd, TVector>(pass.Rows[r] + column, shift, ref sum, ref squares);
        }

        fetch = ahead;
        pass.Update.Take<TSimd, TVector>(shift, sum, squares, pass.Means + column, pass.Scatters + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSimd, TVector>(float* x, TVector shift, ref TVector sum, ref TVector squares)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector distance = TSimd.Subtract(TSimd.LoadWide(x), shift);
        sum = TSimd.Add(sum, distance);
        squares = TSimd.MultiplyAdd(distance, distance, squares);
    }

    /// <summary>Lines that begin in a strip, at most two for four registers.</summary>
    private static int LinesOf(int column, int columns) =>
        (column + columns + CacheLine.Floats - 1) / CacheLine.Floats - (column + CacheLine.Floats - 1) / CacheLine.Floats;
}
