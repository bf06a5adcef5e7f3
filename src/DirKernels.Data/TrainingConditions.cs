namespace DirKernels.Data;

/// <summary>What must hold of rows that a network is to be trained on.</summary>
public static class TrainingConditions
{
    /// <summary>Throws when labels do not differ.</summary>
    /// <param name="source">Name of the table.</param>
    /// <param name="target">The label column.</param>
    /// <param name="labels">Labels of the training rows, at least one.</param>
    /// <exception cref="InvalidDataException">There is one, or all are equal.</exception>
    public static void ThrowIfNothingToLearn(string source, string target, ReadOnlySpan<double> labels)
    {
        if (labels.Length == 1)
        {
            throw new InvalidDataException($"{source}: there is only one training row");
        }

        if (labels.IndexOfAnyExcept(labels[0]) < 0)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{source}: column '{target}': all {labels.Length} training labels are equal to {labels[0]}; there is nothing to learn"));
        }
    }

    /// <summary>The error that a split without validation rows is.</summary>
    /// <param name="source">Name of the table.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="column">The split column; null when the split was computed.</param>
    public static InvalidDataException NothingValidates(string source, int rows, string? column) => new(column is not null
        ? $"{source}: column '{column}' has no validation rows (val), which choose the best epoch"
        : $"{source}: its {rows} rows are too few, or too often the same, to set validation rows apart, which choose the best epoch; name them in a column 'split'");
}
