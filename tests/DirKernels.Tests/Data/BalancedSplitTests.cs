using System.Text.Json;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class BalancedSplitTests
{
    [Theory]
    [InlineData("abalone")]
    [InlineData("bike")]
    [InlineData("concrete")]
    [InlineData("wine")]
    [InlineData("parkinsons")]
    [InlineData("california")]
    [InlineData("protein")]
    public void ReproducesPublishedSplitsRowByRow(string name)
    {
        JsonElement description = RealData.Description(name);
        Table table = TableFile.Read(
            RealData.PathOf(description.GetProperty("files")[0].GetString()!), cancellation: TestContext.Current.CancellationToken);
        JsonElement rule = description.GetProperty("bins");
        LabelBins bins = LabelBins.Uniform(rule.GetProperty("lo").GetDouble(), rule.GetProperty("width").GetDouble(), rule.GetProperty("count").GetInt32());
        DataSplit expected = DataSplit.FromColumn(table);
        DataSplit split = BalancedSplit.Create(
            table, description.GetProperty("target").GetString()!, bins, description.GetProperty("seed").GetUInt64(), description.GetProperty("cap").GetInt32(), ["split"]);
        Assert.Equal(expected.Validation, split.Validation);
        Assert.Equal(expected.Test, split.Test);
        Assert.Equal(expected.Train, split.Train);
    }

    [Fact]
    public void TakesTheRuleOfEveryBin()
    {
        // 9, 4, 2 and 30 rows; in the last bin only 7 are eligible.
        int[] counts = [9, 4, 2, 30];
        int[] binOfRow = [.. counts.SelectMany((count, b) => Enumerable.Repeat(b, count))];
        bool[] eligible = [.. binOfRow.Select((b, row) => b < 3 || row >= binOfRow.Length - 7)];
        DataSplit split = BalancedSplit.Create(binOfRow, 4, eligible, cap: 2, seed: 5);
        int[] InBin(int[] rows) => [.. Enumerable.Range(0, 4).Select(b => rows.Count(row => binOfRow[row] == b))];
        Assert.Equal([2, 1, 0, 2], InBin(split.Validation));
        Assert.Equal([2, 1, 0, 2], InBin(split.Test));
        Assert.Equal([5, 2, 2, 26], InBin(split.Train));
        Assert.All(split.Validation.Concat(split.Test), row => Assert.True(eligible[row]));
        Assert.Equal(Enumerable.Range(0, 45), split.Train.Concat(split.Validation).Concat(split.Test).Order());
        Assert.Equal(3, InBin(BalancedSplit.Create(binOfRow, 4, eligible, cap: 1000, seed: 5).Test)[3]);
        Assert.NotEqual(split.Test, BalancedSplit.Create(binOfRow, 4, eligible, cap: 2, seed: 6).Test);
    }

    [Fact]
    public void DefaultCapIsTheSmallestThatReachesTheShare()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 50; trial++)
        {
            int binCount = random.Next(1, 30), rows = random.Next(1, 2000);
            int[] binOfRow = [.. Enumerable.Range(0, rows).Select(_ => (int)(binCount * Math.Pow(random.NextDouble(), 3)))];
            bool[] eligible = [.. Enumerable.Range(0, rows).Select(_ => random.Next(4) > 0)];
            int cap = BalancedSplit.DefaultCap(binOfRow, binCount, eligible);
            int Validation(int c) => BalancedSplit.Create(binOfRow, binCount, eligible, c, 0).Validation.Length;
            int unlimited = Validation(int.MaxValue);
            int expected = Enumerable.Range(1, rows).First(c => Validation(c) >= BalancedSplit.DefaultShare * rows || Validation(c) == unlimited);
            Assert.Equal(expected, cap);
        }
    }

    [Fact]
    public void RowsWithEqualFeaturesStayInTraining()
    {
        double[] x = [.. Enumerable.Range(0, 60).Select(row => row < 20 ? row / 2 : (double)row)];
        x[58] = 0.0;
        x[59] = -0.0;
        var table = new Table("memory", [new NumericColumn("x", x), new NumericColumn("y", new double[60])]);
        DataSplit split = BalancedSplit.Create(table, "y", LabelBins.Uniform(0, 1, 1), seed: 1, cap: 1000);
        Assert.Equal((19, 19), (split.Validation.Length, split.Test.Length));
        Assert.All(split.Validation.Concat(split.Test), row => Assert.InRange(row, 20, 57));
    }

    [Fact]
    public void RejectsBadArguments()
    {
        Assert.Throws<ArgumentException>(() => BalancedSplit.Create([0], 1, [true], cap: 0, seed: 0));
        Assert.Throws<ArgumentException>(() => BalancedSplit.Create([0, 0], 1, [true], cap: 1, seed: 0));
    }

    [Fact]
    public void SplitMix64GivesThePublishedStream()
    {
        var random = new SplitMix64(1234567);
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.All(expected, value => Assert.Equal(value, random.Next()));
    }
}
