using System.Globalization;
using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>What a comparison supports, in one sentence: only differences whose 95 % interval over paired seeds excludes zero are called differences.</summary>
internal static class ComparisonVerdict
{
    public static string Of(MethodOutcome[][] outcomes)
    {
        string baseline = outcomes[0][0].Method.Name;
        if (outcomes.Length == 1)
        {
            return $"Only {baseline} was run: there is nothing to compare it with.";
        }

        int seeds = outcomes[0].Length;
        if (seeds == 1)
        {
            return "One seed gives no interval: the numbers support no ranking; use --seeds 3 or more.";
        }

        bool hasFew = ReportRegion.Few.Of(outcomes[0][0].Test) is not null;
        string rare = hasFew
            ? Judge(outcomes, "few-shot MAE", method => ComparisonSeries.Of(method, ReportRegion.Few, errors => errors.MeanAbsoluteError)!)
            : Judge(outcomes, "balanced MAE", ComparisonSeries.Balanced);
        string overall = Judge(outcomes, "overall MAE", method => ComparisonSeries.Of(method, ReportRegion.All[0], errors => errors.MeanAbsoluteError)!);
        return $"Against {baseline} over {seeds} paired seeds, {rare}; {overall}.";
    }

    private static string Judge(MethodOutcome[][] outcomes, string what, Func<MethodOutcome[], double[]> series)
    {
        double[] baseline = series(outcomes[0]);
        var lower = new List<string>();
        var higher = new List<string>();
        var open = new List<string>();
        foreach (MethodOutcome[] method in outcomes.Skip(1))
        {
            PairedDifference difference = PairedDifference.Compute(series(method), baseline);
            string name = method[0].Method.Name;
            if (!difference.ExcludesZero)
            {
                open.Add(name);
            }
            else
            {
                double percent = 100 * difference.Mean / baseline.Average();
                string text = $"{name} ({percent.ToString("+0.0;-0.0", CultureInfo.InvariantCulture)} %)";
                (difference.Mean < 0 ? lower : higher).Add(text);
            }
        }

        string[] parts =
        [
            .. Part("lower", lower),
            .. Part("higher", higher),
            .. open.Count > 0 ? [$"not distinguishable with {string.Join(", ", open)}"] : Array.Empty<string>(),
        ];
        return $"{what} is {string.Join(", ", parts)}";
    }

    private static string[] Part(string direction, List<string> names) => names.Count > 0 ? [$"{direction} with {string.Join(", ", names)}"] : [];
}
