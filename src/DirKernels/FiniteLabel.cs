using System.Numerics;
using System.Numerics.Tensors;

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

    /// <summary>Throws when one of many labels is NaN or infinite, naming the row of the first.</summary>
    /// <exception cref="InvalidDataException">A label is not finite.</exception>
    public static void ThrowIfAnyNot<T>(ReadOnlySpan<T> labels)
        where T : IFloatingPoint<T>
    {
        if (!TensorPrimitives.IsFiniteAll(labels))
        {
            for (int i = 0; i < labels.Length; i++)
            {
                ThrowIfNot(double.CreateTruncating(labels[i]), i);
            }
        }
    }

    // Apart, so that the check inlines into loops.
    private static void Throw(double label, int row) =>
        throw new InvalidDataException($"label of row {row} (counted from 0) is {label}; labels must be finite numbers");
}
