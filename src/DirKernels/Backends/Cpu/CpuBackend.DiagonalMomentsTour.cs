namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Diagonal moments: each block tours through the rows of some lanes.</summary>
    private readonly unsafe struct DiagonalMomentsTour : IBlockJob
    {
        // Smaller tables lie in the last-level cache, where any order does.
        private const long FewestBytesOfLarge = 16 << 20;

        // Larger pieces leave the caches before they are done with; smaller ones have too few rows of a bin, whose statistics come and go with each visit.
        private const long PieceBytes = 8 << 20;
        private const long LargerPieceBytes = 16 << 20;
        private const long MostPieceBytes = 32 << 20;
        private const int ManyRowsOfBin = 64;
        private const int FewestRowsOfBin = 16;

        // Without pieces, threads may take tours from each other; each begins with rows that nobody has asked for.
        private const long FewestBytesOfTour = 8 << 20;

        private readonly AccumulateMomentsJob _moments;
        private readonly int _pieceRows;
        private readonly bool _far;

        /// <param name="moments">Rows, bins and lanes.</param>
        /// <param name="rows">Number of rows.</param>
        /// <param name="threads">Threads that share the tours of a large table, one each, so that all are about the same rows.</param>
        /// <param name="far">Whether memory is asked for to the second-level cache.</param>
        public DiagonalMomentsTour(AccumulateMomentsJob moments, long rows, int threads, bool far)
        {
            int width = moments.Shape.Dimensions;
            long rowBytes = (long)width * sizeof(float), bins = moments.Shape.Bins;
            long piece = Math.Clamp(ManyRowsOfBin * bins, PieceBytes / rowBytes, LargerPieceBytes / rowBytes);
            piece = Math.Max(piece, FewestRowsOfBin * bins);
            bool isLarge = rows * rowBytes >= FewestBytesOfLarge && piece * rowBytes <= MostPieceBytes;
            _moments = moments;
            _far = far;

            // Quads of longer rows are slower in pieces with two threads.
            bool inPieces = isLarge && (_far || width <= DiagonalMoments.MostStripColumns);
            _pieceRows = inPieces ? (int)piece : int.MaxValue;
            Tours = (int)Math.Min(inPieces ? threads : Math.Max(threads, rows * rowBytes / FewestBytesOfTour), moments.Lanes);
        }

        /// <summary>Blocks of the job.</summary>
        public int Tours { get; }

        public void Run(int block)
        {
            int allBins = _moments.Shape.Bins, width = _moments.Shape.Dimensions, lanes = _moments.Lanes, count = 0;
            int* bins = ScratchMemory.Request<int>(3L * allBins), cursors = bins + allBins;
            int end = WorkerTeam.FirstOfShare(lanes, block + 1, Tours);
            for (int i = WorkerTeam.FirstOfShare(lanes, block, Tours); i < end; i++)
            {
                for (int bin = _moments.Order == null ? i : _moments.Order[i]; bin < allBins; bin += lanes)
                {
                    bins[count++] = bin;
                }
            }

            var tour = new BinTour(_moments.Rows, _moments.Offsets, bins, count, _pieceRows, cursors);
            var toCome = new RowsToCome(new BinTour(_moments.Rows, _moments.Offsets, bins, count, _pieceRows, cursors + allBins));
            int* asked = stackalloc int[DiagonalUpdate.MostRows];
            toCome.Read(asked, DiagonalMoments.RowsAhead(width, _far));

            while (tour.MoveNext())
            {
                int bin = tour.Bin;
                double* means = _moments.Means + (long)bin * width, scatters = _moments.Scatters + (long)bin * width;
                DiagonalMoments.Merge(_moments.Features, tour.Rows, tour.Count, width, _moments.Counts[bin], means, scatters, _far, &toCome, fromMemory: _pieceRows < int.MaxValue);
                _moments.Counts[bin] += tour.Count;
            }
        }
    }
}
