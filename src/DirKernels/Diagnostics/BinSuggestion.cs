using DirKernels.Backends;
using DirKernels.Methods;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Diagnostics;

/// <summary>Which bin width and window to weigh by: the rule of Freedman and Diaconis, and what validation rows say.</summary>
/// <param name="Rule">Bins by the rule, which looks at labels only.</param>
/// <param name="Trials">Trained trials, the lowest validation error first; empty when nobody asked for them.</param>
/// <remarks>
/// Validation trains sqrt-inverse weights with and without smoothing, for half, once, twice and four times the width of the rule and the given bins, with four
/// windows, and judges all by the bMAE over the given bins. Source of the rule: Freedman and Diaconis, Zeitschrift fuer Wahrscheinlichkeitstheorie 57, 1981.
/// </remarks>
public sealed record BinSuggestion(LabelBins Rule, IReadOnlyList<BinTrial> Trials)
{
    /// <summary>Seeds of each trial.</summary>
    public const int Seeds = 2;

    private static readonly double[] _factors = [0.5, 1, 2, 4];

    private static readonly SmoothingKernel[] _windows =
    [
        SmoothingKernel.Gaussian(5, 2), SmoothingKernel.Gaussian(9, 4),
        SmoothingKernel.Create(SmoothingKernelShape.Laplace, 5, 2), SmoothingKernel.Create(SmoothingKernelShape.Triangular, 5, 2),
    ];

    /// <summary>The rule alone.</summary>
    /// <param name="trainLabels">Training labels.</param>
    public static BinSuggestion ByRule(double[] trainLabels) => new(LabelBins.Automatic(trainLabels), []);

    /// <summary>The rule and trials.</summary>
    /// <param name="settings">Settings; their bins are those of the evaluation.</param>
    /// <param name="data">The parts of the data; test rows take no part.</param>
    /// <param name="threads">Processors to use; the result does not depend on them.</param>
    /// <param name="onEpoch">Told after each epoch; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="createBackend">Makes the backend of each worker; null for the CPU.</param>
    public static BinSuggestion ByValidation(
        MethodSettings settings, ComparisonData data, int threads, Action<EpochResult>? onEpoch = null, CancellationToken cancellation = default,
        Func<int, IBackend>? createBackend = null)
    {
        LabelBins rule = LabelBins.Automatic(data.Train.Labels);
        var trials = new List<BinTrial>();
        foreach (LabelBins bins in Candidates(settings.Bins, rule))
        {
            foreach (SmoothingKernel? window in (SmoothingKernel?[])[null, .. _windows.Where(window => window.Size <= bins.Count)])
            {
                Method method = Method.Parse(window is null ? "sqinv" : "lds");
                MethodSettings tried = settings with { Bins = bins, LabelKernel = window ?? settings.LabelKernel, Reweighting = Reweighting.SqrtInverse };
                MethodOutcome[] outcomes = MethodComparison.Run(
                    [method], Seeds, tried, data, threads, onEpoch, cancellation: cancellation, createBackend: createBackend)[0];
                trials.Add(new BinTrial(bins, window, Array.ConvertAll(outcomes, outcome => Judge([.. outcome.ValidationPredictions], settings.Bins, data))));
            }
        }

        return new BinSuggestion(rule, [.. trials.OrderBy(trial => trial.Mean)]);
    }

    /// <summary>Trials that <see cref="ByValidation"/> trains.</summary>
    public static int CountTrials(LabelBins given, double[] trainLabels) =>
        Candidates(given, LabelBins.Automatic(trainLabels)).Sum(bins => 1 + _windows.Count(window => window.Size <= bins.Count));

    /// <summary>Both in words.</summary>
    /// <param name="target">Name of the label.</param>
    public string Sentence(string target)
    {
        double width = (Rule.Edges[^1] - Rule.Edges[0]) / Rule.Count;
        string rule = FormattableString.Invariant($"The rule of Freedman and Diaconis gives {Rule.Count} bins of {width:G4} from {Rule.Edges[0]:G6} for {target}.");
        if (Trials.Count == 0)
        {
            return rule;
        }

        BinTrial best = Trials[0];
        double spread = MeanAndDeviation.Compute(best.ValidationErrors).StandardDeviation ?? 0;
        BinTrial[] alike = [.. Trials.Skip(1).Where(trial => trial.Mean - best.Mean <= 2 * spread)];
        return rule + FormattableString.Invariant($" On the validation rows the lowest bMAE of {Trials.Count} trials, {best.Mean:G4}, is that of {best} (standard deviation over {best.ValidationErrors.Length} seeds {spread:G2})")
            + (alike.Length == 0 ? "." : FormattableString.Invariant($"; {alike.Length} others lie within twice that, so that the choice among them is chance."));
    }

    private static List<LabelBins> Candidates(LabelBins given, LabelBins rule)
    {
        var candidates = new List<LabelBins> { given };
        double lower = rule.Edges[0], upper = rule.Edges[^1], width = (upper - lower) / rule.Count;
        bool isWhole = width == Math.Floor(width) && lower == Math.Floor(lower);
        foreach (double factor in _factors)
        {
            double tried = isWhole ? Math.Max(1, Math.Round(width * factor)) : width * factor;
            int count = (int)Math.Clamp(Math.Ceiling((upper - lower) / tried * (1 - 1e-12)), 1, 4096);
            var bins = LabelBins.Uniform(lower, tried, count);
            if (!candidates.Contains(bins))
            {
                candidates.Add(bins);
            }
        }

        return candidates;
    }

    private static double Judge(double[] predictions, LabelBins bins, ComparisonData data) =>
        ShotReport.Compute(predictions, data.Validation.Labels, bins, data.TrainCounts(bins)).BalancedMeanAbsoluteError;
}
