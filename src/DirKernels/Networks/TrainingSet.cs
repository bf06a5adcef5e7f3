namespace DirKernels.Networks;

/// <summary>Rows that a network is trained on, validated with, or tested on. The arrays are not copied: leave them alone while they are used.</summary>
public sealed class TrainingSet
{
    /// <summary>Describes rows.</summary>
    /// <param name="inputs">[N x inputs], row-major, standardised by the caller.</param>
    /// <param name="labels">[N x targets], in original units, finite.</param>
    /// <param name="targets">Targets per row.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a label or an input is not finite; the message names the row.</exception>
    public TrainingSet(float[] inputs, double[] labels, int targets = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        if (labels.Length == 0 || labels.Length % targets != 0)
        {
            throw labels.Length == 0
                ? new InvalidDataException("there are no rows to use")
                : new ArgumentException($"labels has {labels.Length} entries, which is no multiple of {targets} targets");
        }

        Rows = labels.Length / targets;
        if (inputs.Length % Rows != 0 || inputs.Length == 0)
        {
            throw new ArgumentException($"inputs has {inputs.Length} elements, which is no multiple of the {Rows} rows of labels");
        }

        Inputs = inputs;
        Labels = labels;
        Targets = targets;
        InputColumns = inputs.Length / Rows;
        CheckFinite();
    }

    /// <summary>N.</summary>
    public int Rows { get; }

    /// <summary>Columns of <see cref="Inputs"/>.</summary>
    public int InputColumns { get; }

    /// <summary>Targets per row.</summary>
    public int Targets { get; }

    /// <summary>[N x inputs].</summary>
    public float[] Inputs { get; }

    /// <summary>[N x targets].</summary>
    public double[] Labels { get; }

    /// <summary>[N] weights of the rows in the loss; null for all 1.</summary>
    public float[]? Weights { get; init; }

    /// <summary>[N] weights of the rows in the second stage of two-stage training; null for all 1.</summary>
    public float[]? HeadWeights { get; init; }

    internal int[] BinsOfFirstTarget(LabelBins bins)
    {
        var result = new int[Rows];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = bins.IndexOf(Labels[i * Targets]);
        }

        return result;
    }

    private void CheckFinite()
    {
        for (int i = 0; i < Labels.Length; i++)
        {
            FiniteLabel.ThrowIfNot(Labels[i], i / Targets);
        }

        for (int i = 0; i < Inputs.Length; i++)
        {
            if (!float.IsFinite(Inputs[i]))
            {
                throw new InvalidDataException(
                    $"input of row {i / InputColumns}, column {i % InputColumns} (counted from 0) is {Inputs[i]}; inputs must be finite numbers");
            }
        }
    }
}
