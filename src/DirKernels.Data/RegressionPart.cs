namespace DirKernels.Data;

/// <summary>One part (training, validation or test) of a data set, ready for a network.</summary>
/// <param name="Inputs">Standardised inputs, row-major [N x D].</param>
/// <param name="Labels">N labels in their own units.</param>
/// <param name="Rows">The N rows of the table that they came from.</param>
public sealed record RegressionPart(float[] Inputs, double[] Labels, int[] Rows)
{
    /// <summary>Number of samples N; 0 when the split has none for this part.</summary>
    public int Count => Labels.Length;
}
