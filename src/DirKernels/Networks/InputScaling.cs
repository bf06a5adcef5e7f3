using System.Text.Json;

namespace DirKernels.Networks;

/// <summary>How raw inputs become those that a network was trained on: <c>(x - mean) / scale</c>, column by column.</summary>
/// <param name="Mean">[inputs]; 0 for a column that is one-hot.</param>
/// <param name="Scale">[inputs], positive; 1 for a column that is one-hot.</param>
/// <param name="Missing">[inputs] what stands for NaN, before scaling; null when NaN stays NaN.</param>
public sealed record InputScaling(double[] Mean, double[] Scale, double[]? Missing = null)
{
    /// <summary>Key of the metadata entry of a model file, a JSON object of texts, whose member <c>missing</c> is <c>median</c> when NaN stands for medians.</summary>
    public const string OptionsKey = "options";

    /// <summary>The scaling that columns amount to, one number for each input.</summary>
    /// <param name="columns">The columns in the order of their inputs.</param>
    /// <param name="missingIsMedian">Whether NaN stands for the median of a column; otherwise it stays NaN.</param>
    public static InputScaling Of(IEnumerable<EncodedColumn> columns, bool missingIsMedian)
    {
        // A text column has one input for each category, and standardises none.
        EncodedColumn[] inputs = [.. columns.SelectMany(column => Enumerable.Repeat(column, column.Width))];
        return new InputScaling(
            [.. inputs.Select(column => column.Mean)],
            [.. inputs.Select(column => column.Scale)],
            missingIsMedian ? [.. inputs.Select(column => column.Median)] : null);
    }

    /// <summary>The scaling of a model file; null when it does not say where its inputs come from, and callers prepare them.</summary>
    /// <exception cref="InvalidDataException">An entry of the file is damaged, or its columns do not fit the network.</exception>
    public static InputScaling? Of(ModelSnapshot snapshot) =>
        ModelColumns.Of(snapshot) is { } columns ? Of(columns.Columns, MissingIsMedian(snapshot)) : null;

    /// <summary>Throws when a network has another number of inputs, or single precision cannot hold the numbers.</summary>
    /// <exception cref="ArgumentException">The numbers of columns differ; both are named.</exception>
    /// <exception cref="InvalidDataException">A number is beyond the range of single precision; its column is named.</exception>
    internal void ThrowIfNotOf(NetworkShape shape)
    {
        if (Mean.Length != shape.Inputs || Scale.Length != shape.Inputs || (Missing is not null && Missing.Length != shape.Inputs))
        {
            throw new ArgumentException(
                $"the network has {shape.Inputs} inputs but their scaling has {Mean.Length} means, {Scale.Length} scales and {Missing?.Length ?? 0} values for missing ones");
        }

        for (int i = 0; i < Mean.Length; i++)
        {
            double missing = Missing?[i] ?? 0;
            if (!float.IsFinite((float)Mean[i]) || !float.IsNormal((float)Scale[i]) || !(Scale[i] > 0) || !float.IsFinite((float)missing))
            {
                throw new InvalidDataException(
                    FormattableString.Invariant($"input {i + 1} has mean {Mean[i]:G6}, scale {Scale[i]:G6} and {missing:G6} for missing values, beyond what single precision holds"));
            }
        }
    }

    private static bool MissingIsMedian(ModelSnapshot snapshot)
    {
        try
        {
            using JsonDocument options = JsonDocument.Parse(snapshot.Metadata.GetValueOrDefault(OptionsKey, "{}"));
            return options.RootElement.TryGetProperty("missing", out JsonElement missing) && missing.ValueEquals("median");
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"the model's entry '{OptionsKey}' is damaged: {damaged.Message}", damaged);
        }
    }
}
