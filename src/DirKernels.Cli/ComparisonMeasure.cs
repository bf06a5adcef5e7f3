using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>A measure that comparisons make a table of.</summary>
/// <param name="Name">As users write it.</param>
/// <param name="Title">Heading of the table.</param>
/// <param name="Of">The number of a region; null where it is not defined.</param>
internal sealed record ComparisonMeasure(string Name, string Title, Func<RegressionErrors, double?> Of)
{
    /// <summary>All measures.</summary>
    public static IReadOnlyList<ComparisonMeasure> All { get; } =
    [
        new("mae", "MAE on the test rows, mean ± standard deviation over seeds", errors => errors.MeanAbsoluteError),
        new("mse", "MSE on the test rows, mean ± standard deviation over seeds", errors => errors.MeanSquaredError),
        new("rmse", "RMSE on the test rows, mean ± standard deviation over seeds", errors => errors.RootMeanSquaredError),
        new("gm", "GM, the geometric mean of the absolute errors", errors => errors.GeometricMean),
        new("pearson", "Pearson correlation of predictions and labels", errors => errors.Pearson),
        new("spearman", "Spearman correlation of predictions and labels", errors => errors.Spearman),
        new("r2", "R2, the share of the variance explained", errors => errors.RSquared),
    ];

    /// <summary>Reads a list of names.</summary>
    /// <exception cref="ArgumentException">One is unknown or named twice.</exception>
    public static IReadOnlyList<ComparisonMeasure> Parse(string text)
    {
        var measures = new List<ComparisonMeasure>();
        foreach (string name in text.Split(','))
        {
            ComparisonMeasure measure = All.FirstOrDefault(candidate => candidate.Name == name.Trim())
                ?? throw new ArgumentException($"--measures: unknown measure '{name}'; known are {string.Join(", ", All.Select(known => known.Name))}");
            if (measures.Contains(measure))
            {
                throw new ArgumentException($"--measures: '{measure.Name}' is named twice");
            }

            measures.Add(measure);
        }

        return measures;
    }
}
