using DirKernels.Data;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>How the memory that training may take is shared out: labels and weights of all rows, validation rows, and two windows of training rows.</summary>
/// <param name="BlocksPerWindow">Blocks that are in memory together, twice unless they are all.</param>
/// <param name="HoldsValidation">Whether the inputs of the validation rows stay in memory.</param>
internal sealed record MemoryPlan(int BlocksPerWindow, bool HoldsValidation)
{
    /// <summary>For runtime, code, network, batches, and garbage that waits for its collection.</summary>
    private const long Reserve = 96L << 20;

    // Within fewer blocks rows are hardly mixed.
    private const int FewestBlocks = 2;

    private const long Megabyte = 1_000_000;

    /// <summary>Throws when labels, a column and a few blocks do not fit, before any of it is read.</summary>
    /// <exception cref="ArgumentException">The message says how much is needed.</exception>
    public static void ThrowIfTooSmall(long memory, DataFile file)
    {
        // Labels twice while they are dealt to their parts, parts, and one column or the hashes of the rows; a block of the file, and those that train and
        // validate, as if all columns were numbers.
        long columns = file.Columns.Count, rowsPerBlock = Math.Min(file.Rows, DataFileWriter.RowsPerBlock(file.Columns.Count));
        long needed = Reserve + file.Rows * 25L + rowsPerBlock * (columns * sizeof(double) + (2 * FewestBlocks + 1) * BytesInWindow(columns));
        if (memory < needed)
        {
            throw TooSmall(memory, needed, file);
        }
    }

    /// <summary>Shares memory out.</summary>
    /// <exception cref="ArgumentException">It is too little; the message says how much is needed.</exception>
    public static MemoryPlan Create(long memory, DataFile file, StreamedData data)
    {
        IRowBlocks train = data.Train;
        long inputs = sizeof(float) * (long)train.Columns, rowsPerBlock = Math.Max(1, train.LargestBlock());

        long block = rowsPerBlock * BytesInWindow(train.Columns);

        // Labels, parts, two weights and bins while they are assigned; labels, predictions and bins of validation and test; one block of the file.
        long rows = file.Rows * 9L + data.TrainLabels.LongLength * 12 + (data.ValidationLabels.LongLength + data.TestLabels.LongLength) * 12;
        long kept = Reserve + rows + (long)rowsPerBlock * file.Columns.Count * sizeof(double);
        long validation = data.ValidationLabels.LongLength * inputs;
        bool holdsValidation = validation <= (memory - kept) / 4 && validation / sizeof(float) <= Array.MaxLength;
        long left = memory - kept - (holdsValidation ? validation : block);
        if (left < 2 * FewestBlocks * block && left < train.BlockCount * block)
        {
            throw TooSmall(memory, kept + (2 * FewestBlocks + 1) * block, file);
        }

        return train.BlockCount * block <= left && (long)train.RowCount() * train.Columns <= Array.MaxLength
            ? new MemoryPlan(train.BlockCount, holdsValidation)
            : new MemoryPlan((int)Math.Min(left / 2 / block, Array.MaxLength / (rowsPerBlock * train.Columns)), holdsValidation);
    }

    /// <summary>Inputs, target, bin, two weights, two orders and a number of a row in a window.</summary>
    private static long BytesInWindow(long columns) => sizeof(float) * (columns + 7);

    private static ArgumentException TooSmall(long memory, long needed, DataFile file) => new(
        $"--memory: {memory / Megabyte}MB are too little for {file.Rows} rows of {file.Columns.Count} columns; they need {(needed + Megabyte - 1) / Megabyte}MB");
}
