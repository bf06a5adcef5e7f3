using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// A pass over some rows of a bin, four at a time, against sums of their columns that stay in the first-level cache with them. Four rows of 2 KB and those that are asked for take a third of it:
/// with eight, rows of one power of two push each other out.
/// </summary>
internal static unsafe class DiagonalQuads
{
    // Two kinds of sums of as many columns: 8 KB.
    private const int MostColumns = 512;

    /// <summary>Merges the rows of a pass.</summary>
    /// <param name="pass">Rows and statistics.</param>
    public static void Merge(DiagonalPass pass)
    {
        double* memory = stackalloc double[2 * MostColumns + CacheLine.Size / sizeof(double)];
        double* sums = (double*)(((nuint)memory + CacheLine.Size - 1) & ~(nuint)(CacheLine.Size - 1));
        for (int column = 0; column < pass.Width; column += MostColumns)
        {
            int columns = Math.Min(MostColumns, pass.Width - column);
            int merged = InstructionSet.Bits switch
            {
                512 => Merge<WideSimd512, Vector512<double>>(pass, column, columns, sums, sums + MostColumns),
                256 => Merge<WideSimd256, Vector256<double>>(pass, column, columns, sums, sums + MostColumns),
                _ => Merge<WideSimd128, Vector128<double>>(pass, column, columns, sums, sums + MostColumns),
            };
            for (int j = column + merged; j < column + columns; j++)
            {
                pass.Update.MergeColumn(pass.Rows, j, pass.Means, pass.Scatters);
            }
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static int Merge<TSimd, TVector>(DiagonalPass pass, int column, int columns, double* sums, double* squares)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int width = TSimd.Width, count = pass.Update.Count;
        columns = columns / width * width;
        for (int j = 0; j < columns; j += width)
        {
            TSimd.Store(TSimd.Zero, sums + j);
            TSimd.Store(TSimd.Zero, squares + j);
        }

        float* first = pass.Rows[0] + column;
        int r = 1;
        for (; r <= count - 4; r += 4)
        {
            float* x0 = pass.Rows[r] + column, x1 = pass.Rows[r + 1] + column, x2 = pass.Rows[r + 2] + column, x3 = pass.Rows[r + 3] + column;
            float* y0 = pass.Later[r] + column, y1 = pass.Later[r + 1] + column, y2 = pass.Later[r + 2] + column, y3 = pass.Later[r + 3] + column;
            int j = 0;
            for (; j <= columns - CacheLine.Floats; j += CacheLine.Floats)
            {
                CacheLine.FetchFar(y0 + j);
                CacheLine.FetchFar(y1 + j);
                CacheLine.FetchFar(y2 + j);
                CacheLine.FetchFar(y3 + j);
                for (int k = j; k < j + CacheLine.Floats; k += 2 * width)
                {
                    int next = k + width;
                    AddFour<TSimd, TVector>(first + k, x0 + k, x1 + k, x2 + k, x3 + k, sums + k, squares + k);
                    AddFour<TSimd, TVector>(first + next, x0 + next, x1 + next, x2 + next, x3 + next, sums + next, squares + next);
                }
            }

            for (; j < columns; j += width)
            {
                AddFour<TSimd, TVector>(first + j, x0 + j, x1 + j, x2 + j, x3 + j, sums + j, squares + j);
            }
        }

        for (; r < count; r++)
        {
            float* x = pass.Rows[r] + column, y = pass.Later[r] + column;
            for (int j = 0; j < columns; j += width)
            {
                CacheLine.FetchFar(y + j);
                TVector distance = TSimd.Subtract(TSimd.LoadWide(x + j), TSimd.LoadWide(first + j));
                TSimd.Store(TSimd.Add(TSimd.Load(sums + j), distance), sums + j);
                TSimd.Store(TSimd.MultiplyAdd(distance, distance, TSimd.Load(squares + j)), squares + j);
            }
        }

        float* last = pass.Later[0] + column;
        double* means = pass.Means + column, scatters = pass.Scatters + column;
        for (int j = 0; j < columns; j += width)
        {
            CacheLine.FetchFar(last + j);
            pass.Update.Take<TSimd, TVector>(TSimd.LoadWide(first + j), TSimd.Load(sums + j), TSimd.Load(squares + j), means + j, scatters + j);
        }

        return columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour<TSimd, TVector>(float* first, float* x0, float* x1, float* x2, float* x3, double* sums, double* squares)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector shift = TSimd.LoadWide(first);
        TVector d0 = TSimd.Subtract(TSimd.LoadWide(x0), shift), d1 = TSimd.Subtract(TSimd.LoadWide(x1), shift);
        TVector d2 = TSimd.Subtract(TSimd.LoadWide(x2), shift), d3 = TSimd.Subtract(TSimd.LoadWide(x3), shift);
        TSimd.Store(TSimd.Add(TSimd.Load(sums), TSimd.Add(TSimd.Add(d0, d1), TSimd.Add(d2, d3))), sums);
        TVector left = TSimd.MultiplyAdd(d0, d0, TSimd.Multiply(d1, d1)), right = TSimd.MultiplyAdd(d2, d2, TSimd.Multiply(d3, d3));
        TSimd.Store(TSimd.Add(TSimd.Load(squares), TSimd.Add(left, right)), squares);
    }
}
