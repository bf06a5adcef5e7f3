namespace DirKernels.Networks;

/// <summary>Rows that a network is trained on, validated with, or tested on. The arrays are not copied: leave them alone while they are used.</summary>
/// <remarks>Inputs are in memory or are read in blocks; labels are always in memory.</remarks>
public sealed class TrainingSet
{
    private readonly float[]? _inputs;

    /// <summary>Describes rows.</summary>
    /// <param name="inputs">[N x inputs], row-major, standardised by the caller.</param>
    /// <param name="labels">[N x targets], in original units, finite.</param>
    /// <param name="targets">Targets per row.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a label or an input is not finite; the message names the row.</exception>
    public TrainingSet(float[] inputs, double[] labels, int targets = 1)
        : this(labels, targets)
    {
        if (inputs.Length % Rows != 0 || inputs.Length == 0)
        {
            throw new ArgumentException($"inputs has {inputs.Length} elements, which is no multiple of the {Rows} rows of labels");
        }

        _inputs = inputs;
        InputColumns = inputs.Length / Rows;
        FiniteInput.ThrowIfNot(inputs, InputColumns);
    }

    /// <summary>Describes rows whose inputs are read in blocks, for data larger than memory.</summary>
    /// <param name="blocks">The inputs, standardised by the caller; checked to be finite when they are read.</param>
    /// <param name="labels">[N x targets], in original units, finite.</param>
    /// <param name="targets">Targets per row.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a label is not finite; the message names the row.</exception>
    public TrainingSet(IRowBlocks blocks, double[] labels, int targets = 1)
        : this(labels, targets)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        if (blocks.RowCount() != Rows)
        {
            throw new ArgumentException($"the blocks of inputs have {blocks.RowCount()} rows, but there are {Rows} rows of labels");
        }

        Blocks = blocks;
        InputColumns = blocks.Columns;
    }

    private TrainingSet(TrainingSet other)
    {
        (_inputs, Blocks, Labels) = (other._inputs, other.Blocks, other.Labels);
        (Rows, InputColumns, Targets) = (other.Rows, other.InputColumns, other.Targets);
    }

    private TrainingSet(double[] labels, int targets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        if (labels.Length == 0 || labels.Length % targets != 0)
        {
            throw labels.Length == 0
                ? new InvalidDataException("there are no rows to use")
                : new ArgumentException($"labels has {labels.Length} entries, which is no multiple of {targets} targets");
        }

        Rows = labels.Length / targets;
        Labels = labels;
        Targets = targets;
        for (int i = 0; i < labels.Length; i++)
        {
            FiniteLabel.ThrowIfNot(labels[i], i / targets);
        }
    }

    /// <summary>N.</summary>
    public int Rows { get; }

    /// <summary>Columns of <see cref="Inputs"/>.</summary>
    public int InputColumns { get; }

    /// <summary>Targets per row.</summary>
    public int Targets { get; }

    /// <summary>[N x inputs].</summary>
    /// <exception cref="InvalidOperationException">They are not in memory: see <see cref="Blocks"/>.</exception>
    public float[] Inputs => _inputs ?? throw new InvalidOperationException("the inputs of these rows are read in blocks; they are not in memory as a whole");

    /// <summary>Where inputs are read from; null when they are in memory.</summary>
    public IRowBlocks? Blocks { get; }

    /// <summary>[N x targets].</summary>
    public double[] Labels { get; }

    /// <summary>[N] weights of the rows in the loss; null for all 1.</summary>
    public float[]? Weights { get; init; }

    /// <summary>[N] weights of the rows in the second stage of two-stage training; null for all 1.</summary>
    public float[]? HeadWeights { get; init; }

    /// <summary>The same rows with other weights.</summary>
    internal TrainingSet WithWeights(float[]? weights, float[]? headWeights) => new(this) { Weights = weights, HeadWeights = headWeights };

    internal int[] BinsOfFirstTarget(LabelBins bins)
    {
        var result = new int[Rows];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = bins.IndexOf(Labels[i * Targets]);
        }

        return result;
    }
}
