namespace DirKernels.Metrics;

/// <summary>The check that predictions and labels pass before any metric.</summary>
internal static class PredictionCheck
{
    /// <summary>Throws unless both have the same length and are finite.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidDataException">A number is NaN or infinite; the message names its row.</exception>
    public static void ThrowIfNotPairs(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        if (predictions.Length != labels.Length)
        {
            throw new ArgumentException($"predictions has {predictions.Length} entries but labels has {labels.Length}");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (!double.IsFinite(predictions[i]))
            {
                throw new InvalidDataException($"prediction of row {i} (counted from 0) is {predictions[i]}; predictions must be finite numbers");
            }

            if (!double.IsFinite(labels[i]))
            {
                throw new InvalidDataException($"label of row {i} (counted from 0) is {labels[i]}; labels must be finite numbers");
            }
        }
    }
}
