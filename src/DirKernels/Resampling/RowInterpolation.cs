namespace DirKernels.Resampling;

/// <summary>
/// New rows between two rows: every numeric input uniform between the parents', every category from one of them at random, every label the mean of the
/// parents' weighted with the new row's distance to the other one: <c>(d_b y_a + d_a y_b)/(d_a + d_b)</c>, their plain mean when both distances are 0.
/// </summary>
/// <remarks>Source: Torgo, Ribeiro, Pfahringer and Branco, "SMOTE for regression", EPIA 2013.</remarks>
internal sealed class RowInterpolation(ResampledRows rows, InputColumns columns, MixedDistance distance)
{
    /// <summary>Adds one row between two.</summary>
    public void Add(int parent, int other, DrawSequence draws)
    {
        ReadOnlySpan<float> a = rows.InputsOf(parent), b = rows.InputsOf(other);
        float[] inputs = a.ToArray();
        foreach (int d in columns.Numeric)
        {
            inputs[d] = (float)(a[d] + draws.Uniform() * ((double)b[d] - a[d]));
        }

        foreach (ColumnGroup group in columns.Groups)
        {
            if (draws.Index(2) == 1)
            {
                b.Slice(group.Start, group.Count).CopyTo(inputs.AsSpan(group.Start));
            }
        }

        double toA = distance.Between(inputs, a), toB = distance.Between(inputs, b);
        double share = toA + toB > 0 ? toA / (toA + toB) : 0.5;
        ReadOnlySpan<double> labelsA = rows.LabelsOf(parent), labelsB = rows.LabelsOf(other);
        var labels = new double[labelsA.Length];
        for (int t = 0; t < labels.Length; t++)
        {
            double lowest = Math.Min(labelsA[t], labelsB[t]), highest = Math.Max(labelsA[t], labelsB[t]);
            labels[t] = Math.Clamp(labelsA[t] * (1 - share) + labelsB[t] * share, lowest, highest);
        }

        rows.Add(inputs, labels, parent, other, share);
    }
}
