using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Report;

/// <summary>The tables of a comparison's report.</summary>
internal static class ComparisonTables
{
    private const string Absent = "\u2013";

    /// <summary>Errors by region with their own intervals, and the time of a run.</summary>
    public static ReportTable Errors(ComparisonSummary summary, string target) => new(
        $"MAE on the test rows in units of {target}: mean over seeds [95 % interval], and mean seconds of one run.",
        ["method", .. ErrorMeasure.All.Select(measure => measure.Title), "seconds"],
        [.. summary.Outcomes.Select(seeds => (IReadOnlyList<string>)
        [
            seeds[0].Method.Name,
            .. ErrorMeasure.All.Select(measure => Interval(measure.Series(seeds))),
            ShortNumber.Format(seeds.Average(seed => seed.Seconds), 2),
        ])]);

    /// <summary>Paired differences with intervals that hold for all methods together.</summary>
    public static ReportTable Differences(ComparisonSummary summary, string target) => new(
        $"MAE minus that of {summary.Names[0]} in units of {target}, paired over seeds: mean [95 % interval for all {summary.Standings.Length} methods together, Bonferroni].",
        ["method", .. ErrorMeasure.All.Select(measure => measure.Title)],
        [.. summary.Standings.Select(standing => (IReadOnlyList<string>)
        [
            standing.Name,
            .. standing.Measures.Select((measure, i) => measure is null
                ? Absent
                : Difference(measure.Simultaneous, ShortNumber.Decimals(ErrorMeasure.All[i].Series(summary.Outcomes[0])!.Average()))),
        ])]);

    /// <summary>Decisions with their probabilities, and how many there are of each.</summary>
    public static ReportTable Decisions(ComparisonSummary summary) => new(
        $"Wins, ties and losses against {summary.Names[0]}: paired t tests over seeds, probabilities corrected by Holm's rule for the {summary.Standings.Length} methods of a column; a win or loss is below 0.05. Measures are not corrected for each other.",
        ["method", .. ErrorMeasure.All.Select(measure => measure.Title), "wins / ties / losses", "seeds better in bMAE"],
        [.. summary.Standings.Select(standing => (IReadOnlyList<string>)
        [
            standing.Name,
            .. standing.Measures.Select(measure => measure is null ? Absent : $"{measure.Decision.ToString().ToLowerInvariant()}\np {Probability(measure.AdjustedP!.Value)}"),
            $"{standing.Wins} / {standing.Ties} / {standing.Losses}",
            $"{standing.By(ErrorMeasure.Balanced)!.SeedWins} of {summary.Outcomes[0].Count}",
        ])]);

    /// <summary>Measures beside the mean absolute error.</summary>
    public static ReportTable Further(ComparisonSummary summary, string target) => new(
        $"Further measures on the test rows: mean over seeds [95 % interval]. GM: geometric mean of the absolute errors, in units of {target}. bMASE: bMAE over that of always predicting the training median. SERA: squared errors weighted by the relevance of extreme labels, summed. Spearman: correlation of ranks, higher is better.",
        ["method", "GM", "bMASE", "SERA", "Spearman"],
        [.. summary.Further.Select(further => (IReadOnlyList<string>)
        [
            further.Name, Interval(further.GeometricMean), Interval(further.BalancedScaledError), Interval(further.Sera), Interval(further.Spearman),
        ])]);

    /// <summary>How well stated uncertainties fit the errors, a row for each method and region.</summary>
    public static ReportTable Uncertainties(ComparisonSummary summary, string target) => new(
        "Labels within central intervals of 50 to 95 %, in %: mean over seeds with standard deviation. ACE: mean distance of such shares from 19 levels, in %. "
        + $"NLL: mean negative log-likelihood of the labels, lower is better. Mean sd in units of {target}. ENCE: relative distance of deviations from errors over ten groups of rows.",
        ["method", "region", "50 %", "80 %", "90 %", "95 %", "ACE", "NLL", "mean sd", "ENCE"],
        [.. summary.Uncertainties.OfType<UncertaintySeries>().SelectMany(method => UncertaintyRegion.All.Where(region => region.Of(method.Seeds[0]) is not null).Select(region =>
            (IReadOnlyList<string>)
            [
                region == UncertaintyRegion.Overall ? method.Name : "",
                region.Title,
                .. new[] { 50, 80, 90, 95 }.Select(percent => Spread(method.Of(region, errors => 100 * errors.CoverageAt(percent)))),
                Spread(method.Of(region, errors => 100 * errors.CalibrationError)),
                Spread(method.Of(region, errors => errors.NegativeLogLikelihood)),
                Spread(method.Of(region, errors => errors.MeanDeviation)),
                Spread(method.Of(region, errors => errors.Ence)),
            ]))]);

    /// <summary>Every bin with rows and errors.</summary>
    public static ReportTable Bins(ComparisonSummary summary, string target)
    {
        double?[][] errors = [.. Enumerable.Range(0, summary.Outcomes.Count).Select(summary.BinErrorsOf)];
        return new ReportTable(
            $"Every label bin: training and test rows, and MAE in units of {target}, mean over seeds.",
            ["bin", "region", "train", "test", .. summary.Names],
            [.. Enumerable.Range(0, summary.Bins.Count).Select(b => (IReadOnlyList<string>)
            [
                FormattableString.Invariant($"{summary.Bins.LowerEdge(b):G6} to {summary.Bins.UpperEdge(b):G6}"),
                RegionName(summary.Regions[b]),
                FormattableString.Invariant($"{summary.EmpiricalDensity[b]:0}"),
                FormattableString.Invariant($"{summary.Outcomes[0][0].Test.Bins[b].TestCount}"),
                .. errors.Select(method => method[b] is { } error ? ShortNumber.Format(error) : Absent),
            ])])
        { IsFolded = true };
    }

    private static string RegionName(ShotRegion region) => region == ShotRegion.ZeroShot ? "zero-shot" : region.ToString().ToLowerInvariant();

    private static string Probability(double p) => p < 0.001 ? "< 0.001" : ShortNumber.Format(p, 3);

    private static string Interval(double[]? series)
    {
        if (series is null)
        {
            return Absent;
        }

        MeanInterval interval = MeanInterval.Compute(series);
        int decimals = ShortNumber.Decimals(interval.Mean);
        string mean = ShortNumber.Format(interval.Mean, decimals);
        return interval is { Lower: { } lower, Upper: { } upper } ? $"{mean}\n[{ShortNumber.Format(lower, decimals)}, {ShortNumber.Format(upper, decimals)}]" : mean;
    }

    private static string Spread(double[]? series)
    {
        if (series is null)
        {
            return Absent;
        }

        MeanAndDeviation spread = MeanAndDeviation.Compute(series);
        int decimals = ShortNumber.Decimals(spread.Mean);
        string mean = ShortNumber.Format(spread.Mean, decimals);
        return spread.StandardDeviation is { } deviation ? $"{mean}\n\u00b1{ShortNumber.Format(deviation, decimals)}" : mean;
    }

    private static string Difference(PairedDifference difference, int decimals)
    {
        string Signed(double number) => (number > 0 ? "+" : "") + ShortNumber.Format(number, decimals).Replace('-', '\u2212');
        return $"{Signed(difference.Mean)}\n[{Signed(difference.Lower!.Value)}, {Signed(difference.Upper!.Value)}]";
    }
}
