using DirKernels.Conformance;
using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

/// <summary>Calibration of uncertainties against quantiles and densities written out, and against draws from the distributions themselves.</summary>
public sealed class UncertaintyErrorsTests
{
    // Quantiles of the absolute value at 50, 80, 90 and 95 %: of the normal distribution from its tables, of Laplace's -log(1 - p) / sqrt(2).
    private static readonly (int Percent, double Normal)[] _quantiles = [(50, 0.67448975), (80, 1.28155157), (90, 1.64485363), (95, 1.95996398)];

    [Fact]
    public void ProbabilitiesAreThoseOfTheDistributions()
    {
        for (double z = 0; z < 9; z += 0.0137)
        {
            Assert.Equal(1 - 2 * NormalDistributionReference.Distribution(-z), CentralProbability.Of(ErrorDistribution.Normal, z), 1e-14);
        }

        foreach ((int percent, double z) in _quantiles)
        {
            Assert.Equal(percent / 100.0, CentralProbability.Of(ErrorDistribution.Normal, z), 1e-8);
            Assert.Equal(percent / 100.0, CentralProbability.Of(ErrorDistribution.Laplace, -Math.Log(1 - percent / 100.0) / Math.Sqrt(2)), 1e-15);
        }

        Assert.Equal(1, CentralProbability.Of(ErrorDistribution.Normal, double.PositiveInfinity));
        Assert.Equal(1, CentralProbability.Of(ErrorDistribution.Laplace, double.PositiveInfinity));
        Assert.Equal(0, CentralProbability.Of(ErrorDistribution.Normal, 0));
    }

    [Theory]
    [InlineData(ErrorDistribution.Normal)]
    [InlineData(ErrorDistribution.Laplace)]
    public void NumbersAreThoseOfPlainFormulas(ErrorDistribution distribution)
    {
        const int Rows = 237;
        double[] predictions = Doubles(1, Rows, 3), labels = [.. predictions.Zip(Doubles(2, Rows, 2), (p, e) => p + e)], deviations = [.. Doubles(3, Rows, 1).Select(d => 0.5 + Math.Abs(d))];
        UncertaintyErrors errors = UncertaintyErrors.Compute(distribution, predictions, deviations, labels);
        double[] z = [.. labels.Select((label, i) => Math.Abs(label - predictions[i]) / deviations[i])];
        Assert.Equal(Rows, errors.Count);
        foreach ((int percent, double normal) in _quantiles)
        {
            double quantile = distribution == ErrorDistribution.Normal ? normal : -Math.Log(1 - percent / 100.0) / Math.Sqrt(2);
            Assert.Equal(z.Count(value => value < quantile) / (double)Rows, errors.CoverageAt(percent), 1e-15);
        }

        Assert.Equal(Enumerable.Range(0, 19).Average(i => Math.Abs(errors.Coverage[i] - 0.05 * (i + 1))), errors.CalibrationError, 1e-15);
        Assert.Equal(deviations.Average(), errors.MeanDeviation, 1e-14);
        double likelihood = z.Select((value, i) => distribution == ErrorDistribution.Normal
            ? Math.Log(NormalDistributionReference.Density(value) / deviations[i])
            : Math.Log(Math.Exp(-value / Math.Sqrt(0.5)) / (2 * Math.Sqrt(0.5) * deviations[i]))).Average();
        Assert.Equal(-likelihood, errors.NegativeLogLikelihood!.Value, 1e-10);

        int[] order = [.. Enumerable.Range(0, Rows).OrderBy(row => deviations[row])];
        double ence = Enumerable.Range(0, 10).Average(group =>
        {
            int[] rows = order[(Rows * group / 10)..(Rows * (group + 1) / 10)];
            double stated = Math.Sqrt(rows.Average(row => deviations[row] * deviations[row])), found = Math.Sqrt(rows.Average(row => Math.Pow(labels[row] - predictions[row], 2)));
            return Math.Abs(stated - found) / stated;
        });
        Assert.Equal(ence, errors.Ence!.Value, 1e-12);
    }

    [Fact]
    public void HonestUncertaintiesAreFoundHonestAndOthersNot()
    {
        const int Rows = 40_000;
        double[] normal = Doubles(5, Rows, 1), deviations = [.. Doubles(6, Rows, 1).Select(d => 0.5 + d * d)], zeros = new double[Rows];
        double[] laplace = [.. Enumerable.Range(0, Rows).Select(i =>
        {
            double u = CounterRandom.Uniform(8, (ulong)i) - 0.5 + Math.ScaleB(1, -26);
            return -Math.Sign(u) * Math.Log(1 - 2 * Math.Abs(u)) / Math.Sqrt(2);
        })];
        foreach ((ErrorDistribution distribution, double[] noise) in new[] { (ErrorDistribution.Normal, normal), (ErrorDistribution.Laplace, laplace) })
        {
            double[] labels = [.. noise.Zip(deviations, (e, d) => e * d)], halved = [.. deviations.Select(d => d / 2)];
            UncertaintyErrors honest = UncertaintyErrors.Compute(distribution, zeros, deviations, labels), sure = UncertaintyErrors.Compute(distribution, zeros, halved, labels);

            // Standard error of a share of 40,000 rows: at most 0.0025, of a deviation of 4,000 rows (excess kurtosis 3): 1.8 %.
            Assert.True(honest.CalibrationError < 0.008, $"{distribution}: {honest.CalibrationError}");
            Assert.True(honest.Ence < 0.05, $"{distribution}: {honest.Ence}");
            Assert.True(sure.CalibrationError > 0.1 && sure.Ence > 0.8 && sure.NegativeLogLikelihood > honest.NegativeLogLikelihood);
            Assert.True(sure.CoverageAt(90) < 0.75);
        }
    }

    [Fact]
    public void DeviationsOfZeroAndFewRowsAreTold()
    {
        UncertaintyErrors exact = UncertaintyErrors.Compute(ErrorDistribution.Normal, [1, 2], [0, 0], [1, 3]);
        Assert.All(exact.Coverage, share => Assert.Equal(0.5, share));
        Assert.Null(exact.NegativeLogLikelihood);
        Assert.Null(exact.Ence);
        Assert.Equal(0, exact.MeanDeviation);
        double[] many = new double[60];
        Assert.Null(UncertaintyErrors.Compute(ErrorDistribution.Normal, many, many, many).Ence);
        Assert.Null(UncertaintyErrors.Compute(ErrorDistribution.Normal, [0], [1], [1e200]).NegativeLogLikelihood);
        Assert.Equal(0, UncertaintyErrors.Compute(ErrorDistribution.Laplace, [0], [1], [1e200]).CoverageAt(95));
    }

    [Fact]
    public void WhatCannotBeEvaluatedIsNamed()
    {
        static string Message<T>(double[] predictions, double[] deviations, double[] labels) where T : Exception =>
            Assert.Throws<T>(() => UncertaintyErrors.Compute(ErrorDistribution.Normal, predictions, deviations, labels)).Message;
        Assert.Contains("no samples", Message<ArgumentException>([], [], []));
        Assert.Contains("deviations has 1 entries but labels has 2", Message<ArgumentException>([1, 2], [1], [1, 2]));
        Assert.Contains("predictions has 1 entries but labels has 2", Message<ArgumentException>([1], [1, 1], [1, 2]));
        Assert.Contains("standard deviation of row 1 (counted from 0) is -1", Message<InvalidDataException>([1, 2], [1, -1], [1, 2]));
        Assert.Contains("standard deviation of row 0 (counted from 0) is NaN", Message<InvalidDataException>([1, 2], [double.NaN, 1], [1, 2]));
        Assert.Contains("prediction of row 1", Message<InvalidDataException>([1, double.PositiveInfinity], [1, 1], [1, 2]));
    }

    [Fact]
    public void RegionsAreThoseOfTheErrors()
    {
        LabelBins bins = LabelBins.Uniform(0, 1, 4);
        double[] labels = [0.5, 0.6, 1.5, 2.5, 2.6, 3.5], predictions = [0.5, 0.9, 1.5, 2, 2.6, 9], deviations = [1, 1, 1, 1, 1, 2], counts = [500, 50, 3, 0];
        UncertaintyReport report = UncertaintyReport.Compute(ErrorDistribution.Laplace, predictions, deviations, labels, bins, counts);
        ShotReport errors = ShotReport.Compute(predictions, labels, bins, counts);
        Assert.Equal((6, 2, 1, 3, 1), (report.Overall.Count, report.Many!.Count, report.Medium!.Count, report.Few!.Count, report.ZeroShot!.Count));
        Assert.Equal((errors.Overall.Count, errors.Many!.Count, errors.Medium!.Count, errors.Few!.Count, errors.ZeroShot!.Count), (6, 2, 1, 3, 1));
        Assert.Equal(2, report.ZeroShot.MeanDeviation);
        Assert.Equal(4.0 / 3, report.Few.MeanDeviation, 1e-15);
        Assert.Null(UncertaintyReport.Compute(ErrorDistribution.Laplace, predictions, deviations, labels, bins, [500, 500, 500, 500]).Few);
        UncertaintyReport prescribed = UncertaintyReport.Compute(
            ErrorDistribution.Laplace, predictions, deviations, labels, bins, counts, regions: [ShotRegion.Few, ShotRegion.Few, ShotRegion.Many, ShotRegion.Many]);
        Assert.Equal((3, 3), (prescribed.Few!.Count, prescribed.Many!.Count));
        Assert.Contains("trainCounts has 3 entries", Assert.Throws<ArgumentException>(() => UncertaintyReport.Compute(ErrorDistribution.Laplace, predictions, deviations, labels, bins, [1, 2, 3])).Message);
    }

    private static double[] Doubles(int seed, int count, double scale) => Array.ConvertAll(SampleNumbers.Normal(seed, count), value => scale * value);
}
