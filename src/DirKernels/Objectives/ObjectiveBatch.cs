namespace DirKernels.Objectives;

/// <summary>What a loss of a whole batch is computed from, in memory of the host.</summary>
/// <param name="prediction">[n x outputs] what the head says, row-major.</param>
/// <param name="target">[n] standardised targets.</param>
/// <param name="weight">[n] weights of the rows; empty for all 1.</param>
/// <param name="bins">[n] label bins of the rows; may be empty for objectives that read none.</param>
public readonly ref struct ObjectiveBatch(ReadOnlySpan<float> prediction, ReadOnlySpan<float> target, ReadOnlySpan<float> weight, ReadOnlySpan<int> bins)
{
    /// <summary>[n x outputs].</summary>
    public ReadOnlySpan<float> Prediction { get; } = prediction;

    /// <summary>[n].</summary>
    public ReadOnlySpan<float> Target { get; } = target;

    /// <summary>[n], or empty.</summary>
    public ReadOnlySpan<float> Weight { get; } = weight;

    /// <summary>[n], or empty.</summary>
    public ReadOnlySpan<int> Bins { get; } = bins;

    /// <summary>n.</summary>
    public int Rows => Target.Length;

    /// <summary>Weight of one row.</summary>
    public double WeightOf(int row) => Weight.IsEmpty ? 1 : Weight[row];
}
