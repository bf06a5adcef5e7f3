using System.Numerics.Tensors;

namespace DirKernels.Networks;

/// <summary>Sizes of the blocks of <see cref="IRowBlocks"/>, and reading with a check.</summary>
public static class RowBlocks
{
    /// <summary>Rows of all blocks, N.</summary>
    public static int RowCount(this IRowBlocks blocks) => blocks.FirstRow(blocks.BlockCount);

    /// <summary>Rows of a block.</summary>
    public static int RowsOf(this IRowBlocks blocks, int block) => blocks.FirstRow(block + 1) - blocks.FirstRow(block);

    /// <summary>Rows of the largest block; 0 when there are none.</summary>
    /// <exception cref="ArgumentException">More inputs than one array holds.</exception>
    public static int LargestBlock(this IRowBlocks blocks) => LargestTogether(blocks, 1);

    /// <summary>Rows of the largest blocks together: no other choice of so many has more.</summary>
    /// <exception cref="ArgumentException">More inputs than one buffer holds.</exception>
    internal static int LargestTogether(this IRowBlocks blocks, int count)
    {
        var sizes = new int[blocks.BlockCount];
        for (int block = 0; block < sizes.Length; block++)
        {
            sizes[block] = blocks.RowsOf(block);
        }

        Array.Sort(sizes);
        long rows = 0;
        for (int i = 1; i <= Math.Min(count, sizes.Length); i++)
        {
            rows += sizes[^i];
        }

        return rows * blocks.Columns <= Array.MaxLength
            ? (int)rows
            : throw new ArgumentException($"{count} blocks have {rows} rows of {blocks.Columns} inputs together, more than the {Array.MaxLength} numbers that fit into memory at once");
    }

    /// <summary>Reads a block whose inputs must be finite.</summary>
    /// <exception cref="InvalidDataException">One is not; the message names its row and column.</exception>
    internal static void ReadFinite(this IRowBlocks blocks, int block, Span<float> inputs)
    {
        blocks.Read(block, inputs);
        if (!TensorPrimitives.IsFiniteAll<float>(inputs))
        {
            FiniteInput.ThrowIfNot(inputs, blocks.Columns, blocks.FirstRow(block));
        }
    }
}
