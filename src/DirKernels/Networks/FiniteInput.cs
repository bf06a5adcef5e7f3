namespace DirKernels.Networks;

/// <summary>What is said of inputs that no network can be trained on.</summary>
internal static class FiniteInput
{
    /// <summary>Throws when an input is not a finite number.</summary>
    /// <param name="inputs">[n x columns].</param>
    /// <param name="columns">Columns.</param>
    /// <param name="firstRow">Number of the first row.</param>
    /// <exception cref="InvalidDataException">Names row and column.</exception>
    public static void ThrowIfNot(ReadOnlySpan<float> inputs, int columns, int firstRow = 0)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!float.IsFinite(inputs[i]))
            {
                throw new InvalidDataException(
                    $"input of row {firstRow + i / columns}, column {i % columns} (counted from 0) is {inputs[i]}; inputs must be finite numbers");
            }
        }
    }
}
