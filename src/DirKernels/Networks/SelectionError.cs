namespace DirKernels.Networks;

/// <summary>Validation errors that choose an epoch.</summary>
internal static class SelectionError
{
    /// <summary>The error of predictions of rows.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="predictions">[n x targets].</param>
    /// <param name="rows">The rows.</param>
    /// <param name="bins">[n] bins of the first target.</param>
    /// <param name="binCount">B.</param>
    public static double Of(EpochSelection selection, ReadOnlySpan<double> predictions, TrainingSet rows, ReadOnlySpan<int> bins, int binCount) => selection switch
    {
        EpochSelection.Mae => Mae(predictions, rows.Labels),
        EpochSelection.Mse => Mse(predictions, rows.Labels),
        _ => BalancedMae(predictions, rows.Labels, rows.Targets, bins, binCount),
    };

    /// <summary>Mean of |prediction - label|.</summary>
    public static double Mae(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            sum += Math.Abs(predictions[i] - labels[i]);
        }

        return sum / labels.Length;
    }

    /// <summary>Mean of (prediction - label)^2.</summary>
    public static double Mse(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            sum += (predictions[i] - labels[i]) * (predictions[i] - labels[i]);
        }

        return sum / labels.Length;
    }

    /// <summary>Mean over non-empty bins of the mean absolute error of the bin's rows.</summary>
    public static double BalancedMae(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, int targets, ReadOnlySpan<int> bins, int binCount)
    {
        var sums = new double[binCount];
        var counts = new int[binCount];
        for (int i = 0; i < labels.Length; i++)
        {
            int bin = bins[i / targets];
            sums[bin] += Math.Abs(predictions[i] - labels[i]);
            counts[bin]++;
        }

        double total = 0;
        int filled = 0;
        for (int b = 0; b < binCount; b++)
        {
            if (counts[b] > 0)
            {
                total += sums[b] / counts[b];
                filled++;
            }
        }

        return total / filled;
    }
}
