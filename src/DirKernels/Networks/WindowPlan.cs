namespace DirKernels.Networks;

/// <summary>Which blocks are in memory together, and when: a function of (seed, epoch).</summary>
/// <remarks>
/// The blocks of an epoch are shuffled and dealt into windows of equal numbers of blocks, to within one; the rows of a window are shuffled among themselves. A
/// row can so stand anywhere in the epoch, next to rows of other blocks, while blocks are read as wholes. Within a window blocks are read in their own
/// order, from front to back. A single window is shuffled as rows in memory are.
/// </remarks>
internal sealed class WindowPlan
{
    private readonly ulong _seed;
    private readonly int[] _blocks;
    private int _epoch = -1;

    /// <summary>Plans windows.</summary>
    /// <param name="blocks">Blocks in all.</param>
    /// <param name="blocksPerWindow">Most blocks of a window.</param>
    /// <param name="seed">Seed of the orders.</param>
    public WindowPlan(int blocks, int blocksPerWindow, ulong seed)
    {
        _seed = seed;
        _blocks = new int[blocks];
        Windows = Math.Max(1, (blocks + blocksPerWindow - 1) / blocksPerWindow);
        LargestWindow = (blocks + Windows - 1) / Windows;
    }

    /// <summary>Windows of an epoch.</summary>
    public int Windows { get; }

    /// <summary>Blocks of the largest window.</summary>
    public int LargestWindow { get; }

    /// <summary>The blocks of a window, ascending; valid until the next call.</summary>
    public ReadOnlySpan<int> BlocksOf(int epoch, int window)
    {
        if (_epoch != epoch)
        {
            Deal(epoch);
            _epoch = epoch;
        }

        return _blocks.AsSpan(Start(window)..Start(window + 1));
    }

    /// <summary>Key of the random order of the rows of a window.</summary>
    public ulong RowStream(int epoch, int window)
    {
        ulong stream = BatchSource.StreamOf(_seed, epoch);
        return Windows == 1 ? stream : CounterRandom.Stream(stream, (ulong)window + 1);
    }

    private int Start(int window) => (int)((long)window * _blocks.Length / Windows);

    private void Deal(int epoch)
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = i;
        }

        CounterRandom.Shuffle(CounterRandom.Stream(BatchSource.StreamOf(_seed, epoch), 0), _blocks);
        for (int window = 0; window < Windows; window++)
        {
            _blocks.AsSpan(Start(window)..Start(window + 1)).Sort();
        }
    }
}
