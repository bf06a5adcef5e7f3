namespace DirKernels.Networks;

/// <summary>Inputs of N rows in blocks of consecutive rows, of which only a few need be in memory: a file, a data base, a generator.</summary>
/// <remarks>Reading the same block again gives the same bits. Blocks are read by one thread at a time, in any order, not always by the same thread.</remarks>
public interface IRowBlocks
{
    /// <summary>Columns of the inputs.</summary>
    int Columns { get; }

    /// <summary>Number of blocks; some may be without rows.</summary>
    int BlockCount { get; }

    /// <summary>The first row of a block.</summary>
    /// <param name="block">From 0; <see cref="BlockCount"/> for the end of the last one, N.</param>
    int FirstRow(int block);

    /// <summary>Reads a block.</summary>
    /// <param name="block">From 0.</param>
    /// <param name="inputs">[rows of the block x <see cref="Columns"/>], row-major, overwritten; prepared like those of a <see cref="TrainingSet"/>.</param>
    void Read(int block, Span<float> inputs);
}
