namespace DirKernels.Metrics;

/// <summary>How well stated uncertainties fit the errors over a set of samples: whether intervals hold what they promise, and how wide they are.</summary>
/// <remarks>
/// A prediction m with standard deviation d says that the label y lies around m as a normal or a Laplace distribution does; z = (y - m) / d. All in double
/// precision. Sources: coverage against level, Kuleshov, Fenner and Ermon, "Accurate uncertainties for deep learning using calibrated regression", ICML 2018,
/// whose error sums squares of the differences, which are taken absolute here; ENCE, Levi, Gispan, Giladi and Fetaya, "Evaluating and calibrating uncertainty
/// prediction in regression tasks", Sensors 22, 2022.
/// </remarks>
public sealed record UncertaintyErrors
{
    /// <summary>Groups of samples of like deviation that <see cref="Ence"/> compares.</summary>
    public const int EnceGroups = 10;

    /// <summary>Samples that <see cref="Ence"/> needs, five for each group.</summary>
    public const int LeastForEnce = 5 * EnceGroups;

    /// <summary>Nominal levels: 0.05, 0.1, ..., 0.95.</summary>
    public static IReadOnlyList<double> Levels { get; } = [.. Enumerable.Range(1, 19).Select(i => i / 20.0)];

    /// <summary>Number of samples N, at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>Share of the samples whose label lies in the central interval of each of <see cref="Levels"/>; at best equal to the level.</summary>
    public required IReadOnlyList<double> Coverage { get; init; }

    /// <summary>Mean over <see cref="Levels"/> of |coverage - level|, 0..0.5: 0 when intervals hold what they promise.</summary>
    public double CalibrationError => Coverage.Select((share, i) => Math.Abs(share - Levels[i])).Average();

    /// <summary>
    /// NLL: mean of <c>log(d sqrt(2 pi)) + z^2 / 2</c> (normal) or <c>log(d sqrt(2)) + sqrt(2) |z|</c> (Laplace); the lower the better. It depends on the unit of
    /// the label. Null when a deviation is 0.
    /// </summary>
    public required double? NegativeLogLikelihood { get; init; }

    /// <summary>Sharpness: mean d, in the unit of the label.</summary>
    public required double MeanDeviation { get; init; }

    /// <summary>
    /// ENCE: samples sorted by d in 10 groups of equal size, the mean over groups of <c>|root mean d^2 - RMSE| / root mean d^2</c>; 0 when deviations
    /// are as large as errors. Null for less than 50 samples, or when all deviations of a group are 0.
    /// </summary>
    public required double? Ence { get; init; }

    /// <summary>Coverage of the central interval of one of <see cref="Levels"/>.</summary>
    /// <param name="percent">5, 10, ..., 95.</param>
    public double CoverageAt(int percent) => Coverage[percent / 5 - 1];

    /// <summary>Evaluates N uncertain predictions.</summary>
    /// <param name="distribution">How labels lie around predictions.</param>
    /// <param name="predictions">N finite predictions.</param>
    /// <param name="deviations">N finite standard deviations, not negative.</param>
    /// <param name="labels">N finite labels.</param>
    /// <exception cref="ArgumentException">The lengths differ, or there are no samples.</exception>
    /// <exception cref="InvalidDataException">A number is not finite, or a deviation negative; the message names its row, counted from 0.</exception>
    public static UncertaintyErrors Compute(
        ErrorDistribution distribution, ReadOnlySpan<double> predictions, ReadOnlySpan<double> deviations, ReadOnlySpan<double> labels)
    {
        ThrowIfNotTriples(predictions, deviations, labels);
        int rows = labels.Length;
        var within = new int[Levels.Count];
        double logarithms = 0, sum = 0;
        bool isExact = false;
        for (int i = 0; i < labels.Length; i++)
        {
            // A label that is predicted exactly lies in every interval, also in those of no width.
            double error = Math.Abs(labels[i] - predictions[i]), z = error == 0 ? 0 : error / deviations[i];
            double central = CentralProbability.Of(distribution, z);
            for (int level = 0; level < within.Length; level++)
            {
                within[level] += central <= Levels[level] ? 1 : 0;
            }

            sum += deviations[i];
            isExact |= deviations[i] == 0;
            logarithms += distribution == ErrorDistribution.Normal
                ? Math.Log(deviations[i]) + 0.5 * Math.Log(2 * Math.PI) + 0.5 * z * z
                : Math.Log(deviations[i]) + 0.5 * Math.Log(2) + Math.Sqrt(2) * z;
        }

        return new UncertaintyErrors
        {
            Count = rows,
            Coverage = Array.ConvertAll(within, count => (double)count / rows),
            NegativeLogLikelihood = isExact ? null : FiniteOrNull(logarithms / rows),
            MeanDeviation = sum / rows,
            Ence = EnceOf(predictions, deviations, labels),
        };
    }

    private static double? EnceOf(ReadOnlySpan<double> predictions, ReadOnlySpan<double> deviations, ReadOnlySpan<double> labels)
    {
        int count = labels.Length;
        if (count < LeastForEnce)
        {
            return null;
        }

        // Rows of equal deviation keep their order.
        double[] keys = deviations.ToArray();
        int[] order = [.. Enumerable.Range(0, count).OrderBy(row => keys[row])];
        double total = 0;
        for (int group = 0; group < EnceGroups; group++)
        {
            int first = (int)((long)count * group / EnceGroups), end = (int)((long)count * (group + 1) / EnceGroups);
            double variances = 0, squares = 0;
            foreach (int row in order.AsSpan(first, end - first))
            {
                double error = labels[row] - predictions[row];
                variances += deviations[row] * deviations[row];
                squares += error * error;
            }

            if (variances == 0)
            {
                return null;
            }

            total += Math.Abs(1 - Math.Sqrt(squares / variances));
        }

        return FiniteOrNull(total / EnceGroups);
    }

    // Labels of 1e200 have squares that are infinite.
    private static double? FiniteOrNull(double value) => double.IsFinite(value) ? value : null;

    private static void ThrowIfNotTriples(ReadOnlySpan<double> predictions, ReadOnlySpan<double> deviations, ReadOnlySpan<double> labels)
    {
        PredictionCheck.ThrowIfNotPairs(predictions, labels);
        if (deviations.Length != labels.Length || labels.IsEmpty)
        {
            throw new ArgumentException(labels.IsEmpty
                ? "uncertainty errors: there are no samples"
                : $"deviations has {deviations.Length} entries but labels has {labels.Length}");
        }

        for (int i = 0; i < deviations.Length; i++)
        {
            if (!double.IsFinite(deviations[i]) || deviations[i] < 0)
            {
                throw new InvalidDataException($"standard deviation of row {i} (counted from 0) is {deviations[i]}; it must be finite and not negative");
            }
        }
    }
}
