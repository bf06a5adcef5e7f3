namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges rows into the mean and the sum of squared deviations of a bin, in double precision: one pass over some rows sums their distances to the first of
/// them and the squares of these, then the pairwise update.
/// </summary>
internal static unsafe class DiagonalMoments
{
    private const int FewestRowsOfPass = 8;

    // Asked for to the second-level cache: a pass, and as much that is asked for meanwhile, stay there.
    private const int BytesOfFarPass = 128 << 10;

    // To the first-level one: likewise.
    private const int BytesOfNearPass = 8 << 10;

    /// <summary>Columns up to which strips do without the second-level cache: of longer rows a pass in the first-level one has too few to be worth the update.</summary>
    public const int MostStripColumns = 256;

    /// <summary>How many rows before it is merged a row is to be asked for.</summary>
    /// <param name="width">D.</param>
    /// <param name="far">Whether memory is asked for to the second-level cache.</param>
    public static int RowsAhead(int width, bool far) => far ? RowsOfPass(width, far) : RowsOf(width > MostStripColumns ? BytesOfNearPass : 2 * BytesOfNearPass, width, 4);

    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x width].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">D.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[width].</param>
    /// <param name="scatters">[width] sums of squared deviations.</param>
    /// <param name="far">Whether memory is asked for to the second-level cache: other passes, which round differently.</param>
    /// <param name="toCome">Rows to ask memory for, one for each that is merged; null to go on to the last row of this bin.</param>
    /// <param name="fromMemory">Whether these come from beyond the caches.</param>
    public static void Merge(
        float* features, int* rows, int count, int width, long before, double* means, double* scatters, bool far, RowsToCome* toCome = null, bool fromMemory = false)
    {
        float** own = stackalloc float*[DiagonalUpdate.MostRows], later = stackalloc float*[DiagonalUpdate.MostRows + 1];
        int* laterRows = stackalloc int[DiagonalUpdate.MostRows];
        int passRows = RowsOfPass(width, far), ahead = far && passRows == DiagonalUpdate.MostRows ? CacheLine.RowsAhead(width) : RowsAhead(width, far);
        for (int done = 0; done < count; done += passRows)
        {
            int rowsOfPass = Math.Min(passRows, count - done);
            if (toCome != null)
            {
                toCome->Read(laterRows, rowsOfPass);
            }
            else
            {
                for (int r = 0; r < rowsOfPass; r++)
                {
                    laterRows[r] = rows[Math.Min(done + r + ahead, count - 1)];
                }
            }

            for (int r = 0; r < rowsOfPass; r++)
            {
                own[r] = features + (long)rows[done + r] * width;
                later[r] = features + (long)laterRows[r] * width;
            }

            later[rowsOfPass] = own[0];
            var pass = new DiagonalPass { Rows = own, Later = later, Width = width, Update = new DiagonalUpdate(rowsOfPass, before + done), Means = means, Scatters = scatters };
            if (far)
            {
                DiagonalStrips.Merge(pass, new LinearStripFetch(later, width), fromMemory);
            }
            else if (width <= MostStripColumns || rowsOfPass <= FewestRowsOfPass)
            {
                DiagonalStrips.Merge(pass, new ParallelStripFetch(later), singleLines: false);
            }
            else
            {
                DiagonalQuads.Merge(pass);
            }
        }
    }

    private static int RowsOfPass(int width, bool far) =>
        far ? RowsOf(BytesOfFarPass, width, FewestRowsOfPass) : width > MostStripColumns ? DiagonalUpdate.MostRows : RowsOf(BytesOfNearPass, width, FewestRowsOfPass);

    private static int RowsOf(int bytes, int width, int fewest) => (int)Math.Clamp(bytes / ((long)width * sizeof(float)), fewest, DiagonalUpdate.MostRows);
}
