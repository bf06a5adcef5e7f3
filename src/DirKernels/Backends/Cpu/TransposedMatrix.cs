namespace DirKernels.Backends.Cpu;

/// <summary>Copies of matrices with rows and columns exchanged.</summary>
internal static unsafe class TransposedMatrix
{
    /// <summary><c>to[j, i] = from[i, j]</c>.</summary>
    /// <param name="from">[rows x columns].</param>
    /// <param name="fromStride">Elements from row to row.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source.</param>
    /// <param name="to">[columns x rows].</param>
    /// <param name="toStride">Elements from row to row of the copy.</param>
    public static void Copy(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        int size = TransposedTile.IsFastForEight ? 2 * TransposedTile.Size : TransposedTile.Size;
        int tiledRows = TransposedTile.IsFast ? rows / size * size : 0, tiledColumns = TransposedTile.IsFast ? columns / size * size : 0;

        // Rows of the copy one after the other: their cache lines are filled before they have to leave.
        for (int j = 0; j < tiledColumns; j += size)
        {
            for (int i = 0; i < tiledRows; i += size)
            {
                if (size == TransposedTile.Size)
                {
                    TransposedTile.Copy(from + i * fromStride + j, fromStride, to + j * toStride + i, toStride);
                }
                else
                {
                    TransposedTile.CopyEight(from + i * fromStride + j, fromStride, to + j * toStride + i, toStride);
                }
            }
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = i < tiledRows ? tiledColumns : 0; j < columns; j++)
            {
                to[j * toStride + i] = from[i * fromStride + j];
            }
        }
    }
}
