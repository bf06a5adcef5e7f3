namespace DirKernels.Backends.Cpu;

/// <summary>
/// A stable counting sort of rows by bin. Rows are cut into strands of neighbours, each with counts of its own, and four strands are walked at a time: a count waits for the last one of
/// the same bin, which four of them seldom have in common. The strands of a bin follow each other, so the order is that of one walk, whatever their number.
/// </summary>
internal unsafe struct BinGrouping : IBlockJob
{
    private const int StrandsOfBlock = 4;

    // Fewer rows are no work for strands whose counts must be cleared and summed.
    private const int FewestRowsOfCount = 2;

    /// <summary>[<see cref="Count"/>] bin of each row.</summary>
    public int* Bins;

    /// <summary>[<see cref="Count"/>] receives the rows.</summary>
    public int* Rows;

    /// <summary>[<see cref="Strands"/> x <see cref="BinCount"/>] counts of a strand's rows in each bin, then where its next one belongs.</summary>
    public int* Cursors;

    /// <summary>n.</summary>
    public int Count;

    /// <summary>B.</summary>
    public int BinCount;

    /// <summary>One, or four for each block.</summary>
    public int Strands;

    private bool _places;

    /// <summary>Blocks of the job.</summary>
    public readonly int Blocks => Math.Max(1, Strands / StrandsOfBlock);

    /// <summary>Strands that are worth it.</summary>
    /// <param name="count">n.</param>
    /// <param name="bins">B.</param>
    /// <param name="threads">Threads that share them.</param>
    public static int StrandsFor(int count, int bins, int threads)
    {
        long most = count / ((long)FewestRowsOfCount * Math.Max(1, bins));
        return most < StrandsOfBlock ? 1 : StrandsOfBlock * (int)Math.Min(threads, most / StrandsOfBlock);
    }

    /// <summary>Turns the counts of all strands into places; the next run of the blocks puts rows there.</summary>
    /// <param name="offsets">[B + 1] receives where bins begin.</param>
    public void BeginPlaces(int* offsets)
    {
        int next = 0, bins = BinCount, strands = Strands;
        int* cursors = Cursors;
        for (int bin = 0; bin < bins; bin++)
        {
            offsets[bin] = next;
            for (int strand = 0; strand < strands; strand++)
            {
                int* cursor = cursors + (long)strand * bins + bin;
                int first = next;
                next += *cursor;
                *cursor = first;
            }
        }

        offsets[bins] = next;
        _places = true;
    }

    /// <inheritdoc/>
    public readonly void Run(int block)
    {
        if (_places)
        {
            Place(block);
        }
        else
        {
            CountRows(block);
        }
    }

    private readonly void CountRows(int block)
    {
        int strand = block * StrandsOfBlock, of = Math.Min(Strands, StrandsOfBlock), done = 0;
        int* c0 = CursorsOf(strand);
        new Span<int>(c0, of * BinCount).Clear();
        if (of == StrandsOfBlock)
        {
            int* c1 = CursorsOf(strand + 1), c2 = CursorsOf(strand + 2), c3 = CursorsOf(strand + 3);
            int* b0 = Bins + FirstOf(strand), b1 = Bins + FirstOf(strand + 1), b2 = Bins + FirstOf(strand + 2), b3 = Bins + FirstOf(strand + 3);
            for (int common = Count / Strands; done < common; done++)
            {
                c0[b0[done]]++;
                c1[b1[done]]++;
                c2[b2[done]]++;
                c3[b3[done]]++;
            }
        }

        for (int s = strand; s < strand + of; s++)
        {
            int* counts = CursorsOf(s), bins = Bins;
            for (int row = FirstOf(s) + done, end = FirstOf(s + 1); row < end; row++)
            {
                counts[bins[row]]++;
            }
        }
    }

    private readonly void Place(int block)
    {
        int strand = block * StrandsOfBlock, of = Math.Min(Strands, StrandsOfBlock), done = 0;
        int* rows = Rows, bins = Bins;
        if (of == StrandsOfBlock)
        {
            int* c0 = CursorsOf(strand), c1 = CursorsOf(strand + 1), c2 = CursorsOf(strand + 2), c3 = CursorsOf(strand + 3);
            int r0 = FirstOf(strand), r1 = FirstOf(strand + 1), r2 = FirstOf(strand + 2), r3 = FirstOf(strand + 3);
            for (int common = Count / Strands; done < common; done++, r0++, r1++, r2++, r3++)
            {
                rows[c0[bins[r0]]++] = r0;
                rows[c1[bins[r1]]++] = r1;
                rows[c2[bins[r2]]++] = r2;
                rows[c3[bins[r3]]++] = r3;
            }
        }

        for (int s = strand; s < strand + of; s++)
        {
            int* cursors = CursorsOf(s);
            for (int row = FirstOf(s) + done, end = FirstOf(s + 1); row < end; row++)
            {
                rows[cursors[bins[row]]++] = row;
            }
        }
    }

    private readonly int* CursorsOf(int strand) => Cursors + (long)strand * BinCount;

    private readonly int FirstOf(int strand) => WorkerTeam.FirstOfShare(Count, strand, Strands);
}
