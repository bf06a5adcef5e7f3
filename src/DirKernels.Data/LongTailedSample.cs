namespace DirKernels.Data;

/// <summary>
/// Generated imbalanced data whose true function is known: labels in 0..100 with an exponentially long tail, eight inputs of which two say nothing.
/// </summary>
/// <remarks>
/// The label y is drawn from a truncated exponential distribution; x2..x8 are independent uniform numbers on [-1, 1); x1 is then what makes
/// <c>f(x) = y</c>, measured with an error uniform on [-<see cref="NoiseAmplitude"/>, <see cref="NoiseAmplitude"/>), where
/// <c>f(x) = 10 (exp(h) - 1)</c>, <c>h = x1 + 0.8 sin(3 x2) + 0.7 x3 x4 + 0.6 (x5^2 - 1/3) + 0.4 tanh(4 x6)</c>.
/// So <c>log(1 + y/10) - log(1 + f(x)/10)</c> is the error of x1, whatever y is; but among rows that look alike most have the smaller, more frequent
/// labels, and a model that follows them underestimates the rare large ones: the situation that re-weighting is for. No other data come into it, so
/// that the sample can be redistributed freely.
/// </remarks>
public static class LongTailedSample
{
    /// <summary>Name of the label column.</summary>
    public const string TargetColumn = "y";

    /// <summary>Number of inputs D.</summary>
    public const int Dimension = 8;

    /// <summary>Half the width of the uniform error of x1, on the scale of <c>log(1 + y/10)</c>.</summary>
    public const double NoiseAmplitude = 0.4;

    /// <summary>Standard deviation of that error, amplitude / sqrt(3).</summary>
    public const double NoiseStandardDeviation = 0.23094010767585033;

    /// <summary>Number of rows that gives bins of a few hundred rows at the head and single rows in the tail.</summary>
    public const int RecommendedRowCount = 6000;

    /// <summary>Fewest rows: below, most bins are empty and nothing is left to validate on.</summary>
    public const int SmallestRowCount = 100;

    /// <summary>Scale of the exponential distribution of the true values.</summary>
    private const double TailScale = 15;

    /// <summary>The bins that the sample's split is balanced over: 100 of width 1 from 0.</summary>
    public static LabelBins RecommendedBins { get; } = LabelBins.Uniform(0, 1, 100);

    /// <summary>A sample with columns <c>split</c>, <c>x1</c>..<c>x8</c> and <c>y</c>, validation and test balanced over <see cref="RecommendedBins"/>.</summary>
    /// <param name="rows">Number of rows, at least <see cref="SmallestRowCount"/>.</param>
    /// <param name="seed">The same seed gives the same table.</param>
    /// <exception cref="ArgumentException">Too few rows.</exception>
    public static Table Generate(int rows = RecommendedRowCount, ulong seed = 0)
    {
        if (rows < SmallestRowCount)
        {
            throw new ArgumentException($"generated sample: there must be at least {SmallestRowCount} rows, but {rows} were asked for", nameof(rows));
        }

        var random = new SplitMix64(seed);
        double[][] inputs = [.. Enumerable.Range(0, Dimension).Select(_ => new double[rows])];
        var labels = new double[rows];
        Span<double> x = stackalloc double[Dimension];
        for (int row = 0; row < rows; row++)
        {
            double truth = DrawTruth(ref random);
            x[0] = 0;
            for (int d = 1; d < Dimension; d++)
            {
                x[d] = 2 * random.NextDouble() - 1;
            }

            x[0] = Math.Log(1 + truth / 10) - Exponent(x) + NoiseAmplitude * (2 * random.NextDouble() - 1);
            for (int d = 0; d < Dimension; d++)
            {
                inputs[d][row] = x[d];
            }

            labels[row] = truth;
        }

        TableColumn[] columns = [.. inputs.Select((values, d) => new NumericColumn(FormattableString.Invariant($"x{d + 1}"), values)), new NumericColumn(TargetColumn, labels)];
        string name = FormattableString.Invariant($"generated sample ({rows} rows, seed {seed})");
        DataSplit split = BalancedSplit.Create(new Table(name, columns), TargetColumn, RecommendedBins, seed);
        return new Table(name, [SplitColumn(split, rows), .. columns]);
    }

    /// <summary>The true function f: the label of inputs measured without error.</summary>
    /// <param name="x">The <see cref="Dimension"/> inputs.</param>
    /// <exception cref="ArgumentException">Another number of inputs.</exception>
    public static double TrueFunction(ReadOnlySpan<double> x) => x.Length == Dimension
        ? 10 * (Math.Exp(Exponent(x)) - 1)
        : throw new ArgumentException($"the function has {Dimension} inputs, but {x.Length} were given", nameof(x));

    private static double Exponent(ReadOnlySpan<double> x) =>
        x[0] + 0.8 * Math.Sin(3 * x[1]) + 0.7 * x[2] * x[3] + 0.6 * (x[4] * x[4] - 1.0 / 3) + 0.4 * Math.Tanh(4 * x[5]);

    /// <summary>Inverse of the distribution function of the exponential distribution cut to 0..100.</summary>
    private static double DrawTruth(ref SplitMix64 random)
    {
        double covered = 1 - Math.Exp(-100 / TailScale);
        return -TailScale * Math.Log(1 - covered * random.NextDouble());
    }

    private static TextColumn SplitColumn(DataSplit split, int rows)
    {
        var codes = new int[rows];
        foreach (int row in split.Validation)
        {
            codes[row] = 1;
        }

        foreach (int row in split.Test)
        {
            codes[row] = 2;
        }

        return new TextColumn(DataSplit.DefaultColumn, codes, ["train", "val", "test"]);
    }
}
