using DirKernels.Conformance;
using DirKernels.Objectives;
using Xunit;

namespace DirKernels.Tests.Objectives;

public sealed class DistributionMatchTests
{
    private static readonly double[] _labels = [.. SampleNumbers.Normal(1, 300).Select(x => Math.Exp(x))];

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.05)]
    public void QuantilesAreThoseOfTheSmoothedDistribution(double bandwidth)
    {
        const int Count = 50;
        var quantiles = new float[Count];
        new LabelQuantiles(_labels, bandwidth).Fill(quantiles);
        double mean = _labels.Average(), deviation = Math.Sqrt(_labels.Average(y => (y - mean) * (y - mean)));
        double lowest = _labels.Min(), highest = _labels.Max(), h = bandwidth * deviation;

        // The integral of the density from the lowest label to x is a sum of differences of normal distribution functions.
        double Below(double x) => _labels.Sum(y => NormalDistributionReference.Distribution((x - y) / h) - NormalDistributionReference.Distribution((lowest - y) / h));
        double total = Below(highest);
        for (int r = 0; r < Count; r++)
        {
            // Within a cell of the grid of 2048 on either side; the density is within 1e-4 of its largest value.
            double cell = (highest - lowest) / 2048, slack = 2e-4 * total;
            Assert.True(Below(quantiles[r] - cell) - slack <= (r + 0.5) / Count * total, $"quantile {r} is too large");
            Assert.True(Below(quantiles[r] + cell) + slack >= (r + 0.5) / Count * total, $"quantile {r} is too small");
            Assert.True(r == 0 || quantiles[r] >= quantiles[r - 1]);
        }
    }

    [Fact]
    public void EqualLabelsAreADistribution()
    {
        var quantiles = new float[4];
        new LabelQuantiles([3, 3, 3], 0.5).Fill(quantiles);
        Assert.Equal([3f, 3f, 3f, 3f], quantiles);
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => new LabelQuantiles([1, double.NaN], 1)).Message);
        Assert.Throws<InvalidDataException>(() => new LabelQuantiles([], 1));
    }

    [Theory]
    [InlineData(RegressionLossKind.L1, 1)]
    [InlineData(RegressionLossKind.Mse, 0.4)]
    [InlineData(RegressionLossKind.Huber, 2)]
    public void GradientsAreTheSlopesOfTheReference(RegressionLossKind kind, double weight)
    {
        const int Rows = 20;
        float[] prediction = SampleNumbers.Normal(2, Rows, 1), target = SampleNumbers.Normal(3, Rows, 1), weights = SampleNumbers.Uniform(4, Rows, 0.2, 2);
        var loss = new RegressionLoss(kind, HuberBeta: 0.7f);
        var distribution = new LabelQuantiles(_labels, 0.5);
        var quantiles = new float[Rows];
        distribution.Fill(quantiles);

        // A larger capacity: the batch is the last, smaller one of an epoch.
        var match = new DistributionMatch(loss, weight, distribution, 64);
        var gradient = new float[Rows];
        double sum = match.Evaluate(new ObjectiveBatch(prediction, target, weights, []), gradient);
        double Reference(double[] p)
        {
            double total = 0;
            for (int i = 0; i < Rows; i++)
            {
                int rank = p.Count(other => other < p[i]);
                total += weights[i] * (LossGradientReference.Value(loss, p[i] - target[i]) + weight * LossGradientReference.Value(loss, p[i] - quantiles[rank]));
            }

            return total / Rows;
        }

        double[] at = [.. prediction];
        Assert.Equal(Reference(at), sum / Rows, 1e-6 * (1 + Reference(at)));
        const double Step = 1e-6;
        for (int i = 0; i < Rows; i++)
        {
            double here = at[i];
            at[i] = here + Step;
            double above = Reference(at);
            at[i] = here - Step;
            double slope = (above - Reference(at)) / (2 * Step);
            at[i] = here;

            // Differences of errors in single precision, u = 6e-8 of errors below 5 in slopes of 2 e; central differences round 1e-15 / 1e-6.
            Assert.Equal(slope, gradient[i], 1e-6);
        }
    }

    [Fact]
    public void BatchesOfAnySizeInTurnAllocateNothing()
    {
        float[] prediction = SampleNumbers.Normal(2, 64), target = SampleNumbers.Normal(3, 64), gradient = new float[64];
        var match = new DistributionMatch(RegressionLoss.L1, 1, new LabelQuantiles(_labels, 0.5), 64);
        Assert.Equal(0, AllocatedBytes.Smallest(() =>
        {
            foreach (int rows in (ReadOnlySpan<int>)[64, 64, 7])
            {
                match.Evaluate(new ObjectiveBatch(prediction.AsSpan(0, rows), target.AsSpan(0, rows), [], []), gradient);
            }
        }));
    }
}
