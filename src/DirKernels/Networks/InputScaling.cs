namespace DirKernels.Networks;

/// <summary>How raw inputs become those that a network was trained on: <c>(x - mean) / scale</c>, column by column.</summary>
/// <param name="Mean">[inputs]; 0 for a column that is one-hot.</param>
/// <param name="Scale">[inputs], positive; 1 for a column that is one-hot.</param>
/// <param name="Missing">[inputs] what stands for NaN, before scaling; null when NaN stays NaN.</param>
public sealed record InputScaling(double[] Mean, double[] Scale, double[]? Missing = null)
{
    /// <summary>Throws when a network has another number of inputs, or single precision cannot hold the numbers.</summary>
    /// <exception cref="ArgumentException">The numbers of columns differ; both are named.</exception>
    /// <exception cref="InvalidDataException">A number is beyond the range of single precision; its column is named.</exception>
    internal void ThrowIfNotOf(NetworkShape shape)
    {
        if (Mean.Length != shape.Inputs || Scale.Length != shape.Inputs || (Missing is not null && Missing.Length != shape.Inputs))
        {
            throw new ArgumentException(
                $"the network has {shape.Inputs} inputs but their scaling has {Mean.Length} means, {Scale.Length} scales and {Missing?.Length ?? 0} values for missing ones");
        }

        for (int i = 0; i < Mean.Length; i++)
        {
            double missing = Missing?[i] ?? 0;
            if (!float.IsFinite((float)Mean[i]) || !float.IsNormal((float)Scale[i]) || !(Scale[i] > 0) || !float.IsFinite((float)missing))
            {
                throw new InvalidDataException(
                    FormattableString.Invariant($"input {i + 1} has mean {Mean[i]:G6}, scale {Scale[i]:G6} and {missing:G6} for missing values, beyond what single precision holds"));
            }
        }
    }
}
