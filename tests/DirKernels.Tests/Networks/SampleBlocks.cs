using System.Collections.Concurrent;
using DirKernels.Networks;

namespace DirKernels.Tests.Networks;

/// <summary>Inputs in memory, handed out in blocks, with a record of what was read.</summary>
internal sealed class SampleBlocks : IRowBlocks
{
    private readonly float[] _inputs;
    private readonly int[] _starts;

    /// <param name="inputs">[N x <see cref="SampleRun.Inputs"/>].</param>
    /// <param name="sizes">Rows of the blocks.</param>
    public SampleBlocks(float[] inputs, params int[] sizes)
    {
        _inputs = inputs;
        _starts = [0, .. sizes.Select((_, i) => sizes.Take(i + 1).Sum())];
    }

    public ConcurrentQueue<int> Read { get; } = new();

    /// <summary>A block that cannot be read; -1 for none.</summary>
    public int Damaged { get; set; } = -1;

    public int Columns => SampleRun.Inputs;

    public int BlockCount => _starts.Length - 1;

    public int FirstRow(int block) => _starts[block];

    void IRowBlocks.Read(int block, Span<float> inputs)
    {
        Read.Enqueue(block);
        if (block == Damaged)
        {
            throw new InvalidDataException($"block {block} is damaged");
        }

        _inputs.AsSpan(_starts[block] * Columns, inputs.Length).CopyTo(inputs);
        if (inputs.Length != (_starts[block + 1] - _starts[block]) * Columns)
        {
            throw new InvalidOperationException($"block {block} has {_starts[block + 1] - _starts[block]} rows, but room for {inputs.Length} inputs was given");
        }
    }

    /// <summary>The rows of a set in blocks of equal size, the last one excepted.</summary>
    public static TrainingSet Of(TrainingSet set, int rowsPerBlock) =>
        Of(set, [.. Enumerable.Range(0, (set.Rows + rowsPerBlock - 1) / rowsPerBlock).Select(block => Math.Min(rowsPerBlock, set.Rows - block * rowsPerBlock))]);

    /// <summary>The rows of a set in blocks of given sizes.</summary>
    public static TrainingSet Of(TrainingSet set, int[] sizes) =>
        new(new SampleBlocks(set.Inputs, sizes), set.Labels) { Weights = set.Weights, HeadWeights = set.HeadWeights };
}
