using DirKernels.Conformance;
using DirKernels.Networks;
using DirKernels.Resampling;

namespace DirKernels.Tests.Resampling;

/// <summary>Rows with three numeric columns, a category of three values and one of two, a constant column, and labels that are rare at both ends.</summary>
internal static class ResamplingSample
{
    public const int Width = 9;

    /// <summary>Columns 2..4 and 6..7; numeric are 0, 1, 5 and, constant, 8.</summary>
    public static ColumnGroup[] Groups { get; } = [new(2, 3), new(6, 2)];

    public static int[] Numeric { get; } = [0, 1, 5, 8];

    /// <param name="rows">Number of rows.</param>
    /// <param name="seed">Of the numbers.</param>
    /// <param name="shift">Added to all labels: most are negative at -100.</param>
    /// <param name="targets">Labels per row; the second is made of the first.</param>
    /// <param name="weighted">Whether rows have weights.</param>
    public static TrainingSet Rows(int rows = 600, int seed = 1, double shift = 0, int targets = 1, bool weighted = false)
    {
        float[] normal = SampleNumbers.Normal(seed, rows * 4), uniform = SampleNumbers.Uniform(seed + 1, rows * 3, 0, 1);
        var inputs = new float[rows * Width];
        var labels = new double[rows * targets];
        for (int row = 0; row < rows; row++)
        {
            Span<float> x = inputs.AsSpan(row * Width, Width);
            x[0] = normal[row * 4];
            x[1] = normal[row * 4 + 1] * 100 - 30;
            x[2 + (int)(uniform[row * 3] * 3)] = 1;
            x[5] = uniform[row * 3 + 1];
            x[6 + (int)(uniform[row * 3 + 2] * 2)] = 1;
            x[8] = 7;

            // The cube of a normal number: a narrow middle and two long tails.
            labels[row * targets] = 10 * Math.Pow(normal[row * 4 + 2], 3) + normal[row * 4 + 3] + shift;
            if (targets == 2)
            {
                labels[row * targets + 1] = -5 * labels[row * targets] + normal[row * 4];
            }
        }

        float[]? weights = weighted ? SampleNumbers.Uniform(seed + 2, rows, 0.5, 2) : null;
        return new TrainingSet(inputs, labels, targets) { Weights = weights, HeadWeights = weights is null ? null : [.. weights.Select(w => 3 * w)] };
    }

    public static float[] Inputs(TrainingSet set, int row) => set.Inputs[(row * set.InputColumns)..((row + 1) * set.InputColumns)];

    public static ReadOnlySpan<double> Labels(TrainingSet set, int row) => set.Labels.AsSpan(row * set.Targets, set.Targets);

    public static bool AreEqual(TrainingSet a, int rowOfA, TrainingSet b, int rowOfB) =>
        Inputs(a, rowOfA).AsSpan().SequenceEqual(Inputs(b, rowOfB)) && Labels(a, rowOfA).SequenceEqual(Labels(b, rowOfB));

    /// <summary>All bits of a resampled set.</summary>
    public static OutputBits Bits(ResampledSet result)
    {
        var bits = new OutputBits();
        bits.Add(result.Set.Inputs);
        bits.Add(result.Set.Labels);
        bits.Add([.. result.Parents]);
        bits.Add([.. result.OtherParents]);
        return bits;
    }
}
