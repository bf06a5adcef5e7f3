namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Diagonal moments of a table that is larger than the caches: each block tours through the rows of its lanes.</summary>
    private unsafe struct DiagonalMomentsTour : IBlockJob
    {
        // Smaller tables lie in the last-level cache, where any order does.
        private const long FewestBytes = 16 << 20;

        // A visit costs as much as a few rows: larger pieces leave the caches before they are done with, smaller ones have too few rows of a bin.
        private const long PieceBytes = 8 << 20;
        private const long MostPieceBytes = 32 << 20;
        private const int FewestRowsOfBin = 16;

        // How long before its visit memory is asked for a row.
        private const int BytesAhead = 64 << 10;

        public AccumulateMomentsJob Moments;
        public int PieceRows;
        public int Tours;

        /// <summary>Rows of a piece: a few megabytes, and enough for a bin to have some of them; 0 when the table is visited bin by bin.</summary>
        public static int RowsOfPiece(long rows, BinShape shape)
        {
            long rowBytes = (long)shape.Dimensions * sizeof(float);
            long piece = Math.Max(PieceBytes / rowBytes, (long)FewestRowsOfBin * shape.Bins);
            return shape.BlockSize == 1 && rows * rowBytes >= FewestBytes && piece * rowBytes <= MostPieceBytes ? (int)piece : 0;
        }

        public readonly void Run(int block)
        {
            int allBins = Moments.Shape.Bins, width = Moments.Shape.Dimensions, count = 0;
            int* bins = ScratchMemory.Request<int>(3L * allBins), cursors = bins + allBins;
            int end = WorkerTeam.FirstOfShare(Moments.Lanes, block + 1, Tours);
            for (int i = WorkerTeam.FirstOfShare(Moments.Lanes, block, Tours); i < end; i++)
            {
                for (int bin = Moments.Order == null ? i : Moments.Order[i]; bin < allBins; bin += Moments.Lanes)
                {
                    bins[count++] = bin;
                }
            }

            var tour = new BinTour(Moments.Rows, Moments.Offsets, bins, count, PieceRows, cursors);
            var toCome = new RowsToCome(new BinTour(Moments.Rows, Moments.Offsets, bins, count, PieceRows, cursors + allBins));
            for (int ahead = BytesAhead / (width * sizeof(float)); ahead > 0; ahead--)
            {
                _ = toCome.Next();
            }

            while (tour.MoveNext())
            {
                int bin = tour.Bin;
                double* means = Moments.Means + (long)bin * width, scatters = Moments.Scatters + (long)bin * width;
                DiagonalMoments.Merge(Moments.Features, tour.Rows, tour.Count, width, Moments.Counts[bin], means, scatters, &toCome);
                Moments.Counts[bin] += tour.Count;
            }
        }
    }
}
