using DirKernels.Diagnostics;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>A diagnosis as text.</summary>
internal static class DiagnosisOutput
{
    public static void WriteText(TextWriter writer, ComparedData data, Diagnosis diagnosis)
    {
        writer.WriteLine($"{data.Name}: {data.Target} from {data.Train} training, {data.Validation} validation and {data.Test} test rows; {data.Bins}");
        writer.WriteLine();
        DensityCorrelations correlations = diagnosis.Correlations;
        var density = new TextTable(
            $"Pearson correlation of the MAE of a bin of vanilla with its density, over {correlations.Bins} bins with {(diagnosis.JudgesTestRows ? "test" : "validation")} rows",
            ["density", "linear", "logarithm"]);
        density.Add(["empirical", Number(correlations.Empirical), Number(correlations.LogEmpirical)]);
        density.Add(["effective", Number(correlations.Effective), Number(correlations.LogEffective)]);
        density.Write(writer);
        writer.WriteLine();

        int anchor = diagnosis.Before.Anchor;
        var similarity = new TextTable(
            FormattableString.Invariant($"Mean cosine similarity of the features of bins to the anchor bin {diagnosis.Bins.LowerEdge(anchor):G6} to {diagnosis.Bins.UpperEdge(anchor):G6} ({diagnosis.Before.Counts[anchor]} training rows), by region"),
            ["statistic", "many", "medium", "few"]);
        foreach ((string name, double[] values) in new[]
        {
            ("means, without fds", diagnosis.Before.MeanToAnchor), ("means, with fds", diagnosis.After.MeanToAnchor),
            ("variances, without fds", diagnosis.Before.VarianceToAnchor), ("variances, with fds", diagnosis.After.VarianceToAnchor),
        })
        {
            similarity.Add([name, .. new[] { ShotRegion.Many, ShotRegion.Medium, ShotRegion.Few }.Select(region => Number(MeanOf(diagnosis, values, anchor, region)))]);
        }

        similarity.Write(writer);
        writer.WriteLine();
        SmoothingDistances distances = diagnosis.Distances;
        writer.WriteLine(FormattableString.Invariant($"Mean |running - smoothed| of feature means {distances.Means[0]:G3} after epoch 1, {distances.Means[^1]:G3} after epoch {distances.Means.Count}; of variances {distances.Variances[0]:G3} and {distances.Variances[^1]:G3}."));
        writer.WriteLine(diagnosis.Suggestion.Sentence(data.Target));
    }

    /// <summary>What a diagnosis found, in two or three sentences.</summary>
    public static string Lead(Diagnosis diagnosis, string target)
    {
        DensityCorrelations correlations = diagnosis.Correlations;
        string density = correlations is { LogEmpirical: { } empirical, LogEffective: { } effective }
            ? FormattableString.Invariant($"Over {correlations.Bins} bins the error goes with the logarithm of the density by a correlation of {empirical:0.00}, with that of the effective density by {effective:0.00}. ")
            : "Too few bins have rows to tell whether error goes with density. ";
        return density + diagnosis.Suggestion.Sentence(target);
    }

    private static double? MeanOf(Diagnosis diagnosis, double[] values, int anchor, ShotRegion region)
    {
        double[] chosen = [.. values.Where((value, b) => b != anchor && !double.IsNaN(value) && diagnosis.Regions[b] == region)];
        return chosen.Length == 0 ? null : chosen.Average();
    }

    private static string Number(double? value) => value is { } number ? ShortNumber.Format(number, 3) : "-";
}
