using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class LongTailedSampleTests
{
    [Fact]
    public void LabelsAreTheTrueFunctionOfInputsMeasuredWithAnErrorOfKnownSize()
    {
        Table table = LongTailedSample.Generate();
        double[] labels = table.Labels("y");
        double[] noise = [.. labels.Select((y, row) => Math.Log((10 + LongTailedSample.TrueFunction(Inputs(table, row))) / (10 + y)))];
        Assert.All(noise, e => Assert.InRange(e, -LongTailedSample.NoiseAmplitude - 1e-9, LongTailedSample.NoiseAmplitude + 1e-9));
        Assert.InRange(noise.Average(), -0.01, 0.01);
        Assert.InRange(Math.Sqrt(noise.Average(e => e * e)), 0.97 * LongTailedSample.NoiseStandardDeviation, 1.03 * LongTailedSample.NoiseStandardDeviation);
        Assert.All(labels, y => Assert.InRange(y, 0, 100));
    }

    [Fact]
    public void LabelsAreLongTailed()
    {
        Table table = LongTailedSample.Generate();
        DataSplit split = DataSplit.FromColumn(table);
        LabelBins bins = LongTailedSample.RecommendedBins;
        int[] Counts(IEnumerable<int> rows)
        {
            var counts = new int[bins.Count];
            foreach (int row in rows)
            {
                counts[bins.IndexOf(table.Labels("y")[row])]++;
            }

            return counts;
        }

        int[] train = Counts(split.Train);
        Assert.InRange(train.Max(), 250, 500);
        Assert.InRange(train.Count(n => n == 0), 2, 10);
        Assert.InRange(train.Count(n => n == 1), 3, 25);
        Assert.InRange(train.Count(n => n > 100), 10, 40);
        Assert.InRange(train.Count(n => n is >= 20 and <= 100), 10, 40);
        Assert.Equal(Counts(split.Validation), Counts(split.Test));
        Assert.InRange(split.Validation.Length, 0.08 * table.RowCount, 0.09 * table.RowCount);
        Assert.InRange(Counts(split.Test).Max(), 5, 40);
    }

    [Fact]
    public void TheSameSeedGivesTheSameTable()
    {
        Assert.Equal(LongTailedSample.Generate(500, 3).Labels("y"), LongTailedSample.Generate(500, 3).Labels("y"));
        Assert.NotEqual(LongTailedSample.Generate(500, 3).Labels("y"), LongTailedSample.Generate(500, 4).Labels("y"));
    }

    [Fact]
    public void BecomesRegressionData()
    {
        Table table = LongTailedSample.Generate(1000);
        RegressionData data = RegressionData.Create(table, "y", DataSplit.FromColumn(table));
        Assert.Equal(LongTailedSample.Dimension, data.Dimension);
        Assert.Equal(["x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"], data.FeatureNames);
    }

    [Fact]
    public void RejectsBadArguments()
    {
        Assert.Throws<ArgumentException>(() => LongTailedSample.Generate(99));
        Assert.Throws<ArgumentException>(() => LongTailedSample.TrueFunction([1, 2]));
    }

    private static double[] Inputs(Table table, int row) =>
        [.. Enumerable.Range(1, LongTailedSample.Dimension).Select(d => table.NumericColumn($"x{d}").Values[row])];
}
