using DirKernels.Conformance;
using DirKernels.Objectives;
using Xunit;

namespace DirKernels.Tests.Objectives;

public sealed class GaussianMixtureTests
{
    [Fact]
    public void SeparatedComponentsAreFound()
    {
        double[] numbers = [
            .. SampleNumbers.Normal(1, 6000, -4, 0.5).Select(x => (double)x),
            .. SampleNumbers.Normal(2, 3000, 1, 1).Select(x => (double)x),
            .. SampleNumbers.Normal(3, 1000, 9, 0.7).Select(x => (double)x)];
        LabelPrior mixture = GaussianMixture.Fit(numbers);
        Assert.Equal(3, mixture.Centres.Count);
        double[] means = [-4, 1, 9], deviations = [0.5, 1, 0.7], weights = [0.6, 0.3, 0.1];
        for (int k = 0; k < 3; k++)
        {
            // Four standard errors of a mean and of a standard deviation of so many numbers, and a cell of (9 + 13)/256 beside.
            double samples = 10_000 * weights[k];
            Assert.Equal(means[k], mixture.Centres[k], 4 * deviations[k] / Math.Sqrt(samples) + 0.01);
            Assert.Equal(deviations[k], Math.Sqrt(mixture.Variances![k]), 4 * deviations[k] / Math.Sqrt(2 * samples) + 0.01);
            Assert.Equal(weights[k], mixture.Weights[k], 0.01);
        }
    }

    [Fact]
    public void MoreComponentsFitBetterThanOneAndTheWeightsSumToOne()
    {
        double[] numbers = [.. SampleNumbers.Normal(1, 4000).Select(x => Math.Exp(x))];
        LabelPrior one = GaussianMixture.Fit(numbers, 1), many = GaussianMixture.Fit(numbers);
        Assert.Single(one.Centres);
        Assert.Equal(numbers.Average(), one.Centres[0], 1e-9);
        Assert.InRange(many.Centres.Count, 2, 8);
        Assert.Equal(1, many.Weights.Sum(), 1e-9);
        Assert.True(LogLikelihood(many, numbers) > LogLikelihood(one, numbers) + 100);

        // The mean of a mixture at a fixed point of the iteration is that of the numbers; it stops at a relative change of 1e-7 of the likelihood.
        Assert.Equal(numbers.Average(), many.Centres.Zip(many.Weights, (c, w) => c * w).Sum(), 1e-3 * numbers.Average());
    }

    [Theory]
    [InlineData(1e-6)]
    [InlineData(1)]
    [InlineData(1e9)]
    public void TheUnitHasNoInfluence(double unit)
    {
        double[] numbers = [.. SampleNumbers.Normal(1, 2000).Select(x => Math.Exp(x))];
        LabelPrior reference = GaussianMixture.Fit(numbers), scaled = GaussianMixture.Fit([.. numbers.Select(x => 5 * unit + unit * x)]);
        Assert.Equal(reference.Centres.Count, scaled.Centres.Count);
        for (int k = 0; k < reference.Centres.Count; k++)
        {
            Assert.Equal(reference.Centres[k], scaled.Centres[k] / unit - 5, 1e-3);
            Assert.Equal(reference.Weights[k], scaled.Weights[k], 1e-3);
        }
    }

    [Fact]
    public void NumbersThatRepeatDoNotCollapseAComponent()
    {
        LabelPrior equal = GaussianMixture.Fit([7, 7, 7]);
        Assert.Equal([7], equal.Centres);
        Assert.Equal([0], equal.Variances!);
        Assert.Equal([3], GaussianMixture.Fit([3]).Centres);
        double[] spikes = [.. Enumerable.Range(0, 1000).Select(i => i % 10 == 0 ? 100.0 : i % 3)];
        LabelPrior mixture = GaussianMixture.Fit(spikes);
        double mean = spikes.Average(), variance = spikes.Average(x => (x - mean) * (x - mean));
        Assert.All(mixture.Variances!, q => Assert.True(q >= 0.0099 * variance));
        Assert.All(mixture.Centres, c => Assert.InRange(c, 0, 100));
    }

    [Fact]
    public void BadNumbersAreNamed()
    {
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => GaussianMixture.Fit([1, double.NaN])).Message);
        Assert.Throws<InvalidDataException>(() => GaussianMixture.Fit([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianMixture.Fit([1], 0));
    }

    [Fact]
    public void BinsGiveTheirFrequenciesAndAreStandardized()
    {
        LabelBins bins = LabelBins.Uniform(0, 2, 4);
        LabelPrior plain = LabelPrior.OfBins([1, 1, 1, 7], bins);
        Assert.Equal([1, 7], plain.Centres);
        Assert.Equal([0.75, 0.25], plain.Weights);
        LabelPrior smoothed = LabelPrior.OfBins([1, 1, 1, 7], bins, SmoothingKernel.Triangular(3));
        Assert.Equal([1, 3, 5, 7], smoothed.Centres);
        Assert.Equal([3 / 6.0, 1.5 / 6, 0.5 / 6, 1 / 6.0], smoothed.Weights.Select(w => Math.Round(w, 12)).ToArray(), (a, b) => Math.Abs(a - b) < 1e-9);
        LabelPrior scaled = new LabelPrior([1, 7], [0.75, 0.25], [4, 9]).Standardized(1, 2);
        Assert.Equal([0, 3], scaled.Centres);
        Assert.Equal([1, 2.25], scaled.Variances!);
    }

    private static double LogLikelihood(LabelPrior mixture, double[] numbers) => numbers.Sum(x => Math.Log(
        Enumerable.Range(0, mixture.Centres.Count).Sum(k =>
            mixture.Weights[k] / Math.Sqrt(2 * Math.PI * mixture.Variances![k]) * Math.Exp(-0.5 * (x - mixture.Centres[k]) * (x - mixture.Centres[k]) / mixture.Variances[k]))));
}
