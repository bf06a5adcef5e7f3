namespace DirKernels;

/// <summary>The check that every label passes before it is used.</summary>
internal static class FiniteLabel
{
    /// <summary>Throws when a label is NaN or infinite, naming its row.</summary>
    /// <exception cref="InvalidDataException">The label is not finite.</exception>
    public static void ThrowIfNot(double label, int row)
    {
        if (!double.IsFinite(label))
        {
            Throw(label, row);
        }
    }

    // Apart, so that the check inlines into loops.
    private static void Throw(double label, int row) =>
        throw new InvalidDataException($"label of row {row} (counted from 0) is {label}; labels must be finite numbers");
}
