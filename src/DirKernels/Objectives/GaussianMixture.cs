namespace DirKernels.Objectives;

/// <summary>A mixture of Gaussians fitted to numbers by expectation maximisation, with as many components as the Bayesian information criterion prefers.</summary>
/// <remarks>
/// <para>
/// Deterministic: k components start once at the quantiles (j + 1/2)/k and once evenly over the range, with equal weights and the variance of all
/// numbers over k^2, and the likelier end is taken. The numbers are first gathered into
/// 256 cells of equal width, each at the mean of its numbers, so that the cost does not grow with them. Variances stay above 1 % of that of all
/// numbers and a twelfth of the squared cell, so that no component collapses onto one number; components that lose their weight are dropped. All numbers equal give
/// one component of variance 0.
/// </para>
/// <para>Sources: Dempster, Laird and Rubin, 1977; Schwarz, 1978.</para>
/// </remarks>
public static class GaussianMixture
{
    private const int MostCells = 256;
    private const int MostIterations = 200;
    private const double SmallestShare = 0.01;
    private const double SmallestWeight = 1e-6;

    /// <summary>Fits a mixture.</summary>
    /// <param name="numbers">[N] finite numbers, at least one.</param>
    /// <param name="maximumComponents">Most components, at least 1.</param>
    /// <exception cref="InvalidDataException">There are no numbers, or one is not finite (its row is named).</exception>
    public static LabelPrior Fit(ReadOnlySpan<double> numbers, int maximumComponents = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumComponents, 1);
        if (numbers.IsEmpty)
        {
            throw new InvalidDataException("mixture: there are no labels to fit it to");
        }

        FiniteLabel.ThrowIfAnyNot(numbers);
        (double[] points, double[] masses, double width) = Gather(numbers);
        double mean = 0, variance = 0;
        for (int i = 0; i < points.Length; i++)
        {
            mean += masses[i] / numbers.Length * points[i];
        }

        for (int i = 0; i < points.Length; i++)
        {
            variance += masses[i] / numbers.Length * (points[i] - mean) * (points[i] - mean);
        }

        if (variance == 0)
        {
            return new LabelPrior([mean], [1], [0]);
        }

        double floor = Math.Max(SmallestShare * variance, width * width / 12);
        LabelPrior? best = null;
        double bestCriterion = double.PositiveInfinity;
        for (int k = 1; k <= Math.Min(maximumComponents, points.Length); k++)
        {
            (LabelPrior mixture, double likelihood) = Maximize(points, masses, Quantiles(points, masses, k), variance, floor);
            (LabelPrior other, double otherLikelihood) = Maximize(points, masses, Spread(points, k), variance, floor);
            (mixture, likelihood) = otherLikelihood > likelihood ? (other, otherLikelihood) : (mixture, likelihood);
            double criterion = (3 * k - 1) * Math.Log(numbers.Length) - 2 * likelihood;
            if (criterion < bestCriterion)
            {
                (best, bestCriterion) = (mixture, criterion);
            }
        }

        return best!;
    }

    private static (double[] Points, double[] Masses, double Width) Gather(ReadOnlySpan<double> numbers)
    {
        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
        foreach (double number in numbers)
        {
            lowest = Math.Min(lowest, number);
            highest = Math.Max(highest, number);
        }

        double width = (highest - lowest) / MostCells;
        var sums = new double[MostCells];
        var counts = new double[MostCells];
        foreach (double number in numbers)
        {
            int cell = width > 0 ? (int)Math.Min(MostCells - 1, (number - lowest) / width) : 0;
            sums[cell] += number - lowest;
            counts[cell]++;
        }

        int[] filled = [.. Enumerable.Range(0, MostCells).Where(cell => counts[cell] > 0)];
        return (Array.ConvertAll(filled, cell => lowest + sums[cell] / counts[cell]), Array.ConvertAll(filled, cell => counts[cell]), width);
    }

    private static (LabelPrior Mixture, double LogLikelihood) Maximize(double[] points, double[] masses, double[] means, double variance, double floor)
    {
        int k = means.Length;
        double total = masses.Sum();
        double[] weights = new double[k], variances = new double[k];
        Array.Fill(weights, 1.0 / k);
        Array.Fill(variances, Math.Max(floor, variance / ((double)k * k)));
        double[] shares = new double[k], mass = new double[k], first = new double[k], second = new double[k];
        double likelihood = double.NegativeInfinity;
        for (int iteration = 0; iteration < MostIterations; iteration++)
        {
            Array.Clear(mass);
            Array.Clear(first);
            Array.Clear(second);
            double before = likelihood;
            likelihood = 0;
            for (int i = 0; i < points.Length; i++)
            {
                likelihood += masses[i] * Responsibilities(points[i], weights, means, variances, shares);
                for (int j = 0; j < k; j++)
                {
                    double share = masses[i] * shares[j], offset = points[i] - means[j];
                    mass[j] += share;
                    first[j] += share * offset;
                    second[j] += share * offset * offset;
                }
            }

            for (int j = 0; j < k; j++)
            {
                weights[j] = mass[j] / total;
                if (mass[j] > SmallestWeight * total)
                {
                    double move = first[j] / mass[j];
                    means[j] += move;
                    variances[j] = Math.Max(floor, second[j] / mass[j] - move * move);
                }
            }

            if (likelihood - before <= 1e-7 * Math.Abs(likelihood))
            {
                break;
            }
        }

        int[] alive = [.. Enumerable.Range(0, k).Where(j => weights[j] > SmallestWeight)];
        return (new LabelPrior(Array.ConvertAll(alive, j => means[j]), Array.ConvertAll(alive, j => weights[j]), Array.ConvertAll(alive, j => variances[j])), likelihood);
    }

    /// <summary>Shares of the components in one point; returns its log density.</summary>
    private static double Responsibilities(double point, double[] weights, double[] means, double[] variances, double[] shares)
    {
        double largest = double.NegativeInfinity;
        for (int j = 0; j < shares.Length; j++)
        {
            double offset = point - means[j];
            shares[j] = Math.Log(weights[j] / Math.Sqrt(2 * Math.PI * variances[j])) - 0.5 * offset * offset / variances[j];
            largest = Math.Max(largest, shares[j]);
        }

        double sum = 0;
        for (int j = 0; j < shares.Length; j++)
        {
            sum += shares[j] = Math.Exp(shares[j] - largest);
        }

        for (int j = 0; j < shares.Length; j++)
        {
            shares[j] /= sum;
        }

        return largest + Math.Log(sum);
    }

    private static double[] Spread(double[] points, int k)
    {
        double lowest = points[0], range = points[^1] - lowest;
        return [.. Enumerable.Range(0, k).Select(j => lowest + (j + 0.5) / k * range)];
    }

    private static double[] Quantiles(double[] points, double[] masses, int k)
    {
        var quantiles = new double[k];
        double total = masses.Sum();
        double below = 0;
        for (int i = 0, j = 0; i < points.Length && j < k; i++)
        {
            below += masses[i];
            for (; j < k && below >= (j + 0.5) / k * total; j++)
            {
                quantiles[j] = points[i];
            }
        }

        return quantiles;
    }
}
