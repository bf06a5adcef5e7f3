namespace DirKernels.Data;

/// <summary>A regression problem ready for a network: a table, a target and a split, encoded by what the training rows say.</summary>
public sealed class RegressionData
{
    private RegressionData(string name, string target, FeatureEncoder encoder, RegressionPart train, RegressionPart validation, RegressionPart test)
    {
        Name = name;
        Target = target;
        Encoder = encoder;
        Train = train;
        Validation = validation;
        Test = test;
    }

    /// <summary>Name of the table.</summary>
    public string Name { get; }

    /// <summary>Name of the label column.</summary>
    public string Target { get; }

    /// <summary>How columns became inputs; to be stored with a model.</summary>
    public FeatureEncoder Encoder { get; }

    /// <summary>Names of the D inputs.</summary>
    public IReadOnlyList<string> FeatureNames => Encoder.FeatureNames;

    /// <summary>Number of inputs D.</summary>
    public int Dimension => Encoder.Dimension;

    /// <summary>The training part, at least two rows with different labels.</summary>
    public RegressionPart Train { get; }

    /// <summary>The validation part; may be empty.</summary>
    public RegressionPart Validation { get; }

    /// <summary>The test part; may be empty.</summary>
    public RegressionPart Test { get; }

    /// <summary>Encodes a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="target">The label column, numeric.</param>
    /// <param name="split">Which rows do what; the column it came from is no input.</param>
    /// <param name="ignored">Further columns that are no inputs; null for none.</param>
    /// <exception cref="InvalidDataException">
    /// Unknown or text target, a missing label, fewer than two training rows, all training labels equal, no feature columns, or a column that cannot
    /// be encoded (<see cref="FeatureEncoder.Fit"/>).
    /// </exception>
    /// <exception cref="ArgumentException">The split has a row that the table has not.</exception>
    public static RegressionData Create(Table table, string target, DataSplit split, IReadOnlyCollection<string>? ignored = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(split);
        double[] labels = table.Labels(target);
        if (split.Train.Concat(split.Validation).Concat(split.Test).Any(row => (uint)row >= (uint)table.RowCount))
        {
            throw new ArgumentException($"the split has rows that {table.Name} with its {table.RowCount} rows has not", nameof(split));
        }

        double first = labels[split.Train[0]];
        if (split.Train.Length == 1)
        {
            throw new InvalidDataException($"{table.Name}: there is only one training row");
        }

        if (Array.TrueForAll(split.Train, row => labels[row] == first))
        {
            throw new InvalidDataException($"{table.Name}: column '{target}': all {split.Train.Length} training labels are equal to {first}; there is nothing to learn");
        }

        string[] noInputs = [target, .. split.Column is null ? Array.Empty<string>() : [split.Column], .. ignored ?? []];
        FeatureEncoder encoder = FeatureEncoder.Fit(table, split.Train, [.. noInputs.Distinct(StringComparer.Ordinal)]);
        RegressionPart Part(int[] rows) => new(encoder.Encode(table, rows), Array.ConvertAll(rows, row => labels[row]), rows);
        return new RegressionData(table.Name, target, encoder, Part(split.Train), Part(split.Validation), Part(split.Test));
    }
}
