namespace DirKernels.Data;

/// <summary>
/// The zero-shot protocol: label ranges are dropped from training and kept in validation and test, to measure interpolation (ranges inside) and
/// extrapolation (ranges at the ends). Yang et al., ICML 2021, section 4.2.
/// </summary>
public static class ZeroShot
{
    /// <summary>The split without the training rows whose label lies in one of the ranges.</summary>
    /// <param name="split">The split of the rows.</param>
    /// <param name="labels">Labels of all rows of the table.</param>
    /// <param name="ranges">The ranges to drop.</param>
    /// <exception cref="InvalidDataException">No training row is left.</exception>
    public static DataSplit Drop(DataSplit split, ReadOnlySpan<double> labels, IReadOnlyCollection<LabelRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(ranges);
        var kept = new List<int>(split.Train.Length);
        foreach (int row in split.Train)
        {
            double label = labels[row];
            if (!ranges.Any(range => range.Contains(label)))
            {
                kept.Add(row);
            }
        }

        return kept.Count > 0
            ? new DataSplit([.. kept], split.Validation, split.Test, split.Column)
            : throw new InvalidDataException($"zero-shot: dropping {string.Join(", ", ranges.Select(range => $"{range.Lower}..{range.Upper}"))} leaves none of the {split.Train.Length} training rows");
    }
}
