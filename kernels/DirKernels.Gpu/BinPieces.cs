using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Rows grouped by bin, cut into stretches of equal length whatever the bins' sizes; a piece is the part of one stretch that belongs to one bin. Stretch w and bin b share the
/// number <c>w + b</c> with no other piece, since from one piece to the next the stretch or the bin goes up: a place for each piece without asking the host, and the same number
/// of rows for each group however unequal the bins are.
/// </summary>
internal static class BinPieces
{
    /// <summary>Numbers of pieces that <paramref name="rows"/> rows can have.</summary>
    public static int Count(int rows, int stretch, int bins) => (rows - 1) / stretch + bins;

    /// <summary>The bin that holds a position among the grouped rows.</summary>
    public static int BinAt(ArrayView<int> offsets, int bins, int position)
    {
        // Invariant: offsets[low] <= position < offsets[high].
        int low = 0, high = bins;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (offsets[middle] <= position)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The bin of the piece with a number, if there is such a piece: the last b with <c>offsets[b] / stretch + b</c> not above it.</summary>
    public static int BinOfPiece(ArrayView<int> offsets, int bins, int stretch, int number)
    {
        int low = 0, high = bins;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (offsets[middle] / stretch + middle <= number)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
