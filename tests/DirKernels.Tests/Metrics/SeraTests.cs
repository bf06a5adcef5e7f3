using DirKernels.Conformance;
using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class SeraTests
{
    [Fact]
    public void BoxPlotPutsZeroAtTheMedianAndOneAtTheWhiskers()
    {
        // Hinges 3 and 8 (ranks 3 and 8 of 10), spread 5, fences -4.5 and 15.5: -20 and 40 lie beyond, the whiskers are 2 and 9.
        double[] labels = [5, 40, 2, 3, 4, 9, 6, 7, 8, -20];
        var both = RelevanceFunction.FromBoxPlot(labels);
        Assert.Equal([new(2, 1), new(5.5, 0), new(9, 1)], both.ControlPoints.ToArray());
        Assert.Equal([new(5.5, 0), new(9, 1)], RelevanceFunction.FromBoxPlot(labels, RelevanceExtremes.High).ControlPoints.ToArray());
        Assert.Equal([new(2, 1), new(5.5, 0)], RelevanceFunction.FromBoxPlot(labels, RelevanceExtremes.Low).ControlPoints.ToArray());
        for (double y = -30; y < 60; y += 0.37)
        {
            double expected = y < 5.5 ? SeraReference.Flank(y, 5.5, 2) : SeraReference.Flank(y, 5.5, 9);
            Assert.Equal(expected, both.Of(y), 1e-14);
        }
    }

    [Fact]
    public void ASideWithoutOutliersIsNotRelevant()
    {
        var relevance = RelevanceFunction.FromBoxPlot([1, 2, 3, 4, 5, 6, 7, 8, 9, 30]);
        Assert.Equal(0, relevance.Of(-100));
        Assert.Equal(1, relevance.Of(9));
        Assert.Equal(0, RelevanceFunction.FromBoxPlot([1, 2, 3]).Of(1));
        Assert.Equal(0, RelevanceFunction.FromBoxPlot([4]).Of(4));
    }

    [Fact]
    public void MostLabelsEqualStillGivesAFunction()
    {
        var relevance = RelevanceFunction.FromBoxPlot([0, 0, 0, 0, 0, 0, 0, 3, 8]);
        Assert.Equal([new(0, 0), new(3, 1)], relevance.ControlPoints.ToArray());
    }

    [Fact]
    public void InterpolationIsMonotoneBetweenControlPointsAndHitsThem()
    {
        RelevancePoint[] points = [new(-2, 0), new(-1.9, 0.05), new(0, 0.9), new(5, 1), new(6, 0.2), new(7, 0.2), new(9, 0.6)];
        var relevance = RelevanceFunction.FromPoints(points);
        for (int i = 0; i < points.Length; i++)
        {
            Assert.Equal(points[i].Relevance, relevance.Of(points[i].Label), 1e-15);
            for (int k = 0; i > 0 && k < 200; k++)
            {
                double width = points[i].Label - points[i - 1].Label, at = points[i - 1].Label + k * width / 200;
                double rise = relevance.Of(at + width / 200) - relevance.Of(at);
                Assert.True(rise * Math.Sign(points[i].Relevance - points[i - 1].Relevance) >= -1e-14, $"piece {i} at {at}");
                Assert.True(Math.Abs(rise) < 0.2, "continuous");
            }
        }

        Assert.Equal(0, relevance.Of(-1e9));
        Assert.Equal(0.6, relevance.Of(1e9));
    }

    [Fact]
    public void ExactAreaIsTheLimitOfTheDefinition()
    {
        var random = new Random(5);
        double[] labels = [.. Enumerable.Range(0, 300).Select(_ => -Math.Log(1 - random.NextDouble()) * 10)];
        double[] predictions = [.. labels.Select(y => 0.7 * y + 2 * random.NextDouble())];
        var relevance = RelevanceFunction.FromBoxPlot(labels);
        double[] relevances = [.. labels.Select(relevance.Of)];
        double exact = Sera.Compute(predictions, labels, relevance), all = Sera.Curve(predictions, labels, relevance, 1)[0];
        Assert.Equal(SeraReference.Area(predictions, labels, relevances, 4000), exact, all / 4000);

        double[] curve = Sera.Curve(predictions, labels, relevance);
        Assert.Equal(1001, curve.Length);
        for (int k = 0; k <= 1000; k += 20)
        {
            Assert.Equal(SeraReference.SquaredErrorAbove(predictions, labels, relevances, k / 1000.0), curve[k], 1e-9);
        }

        Assert.Equal(SeraReference.Area(predictions, labels, relevances, 1000), Sera.Trapezoid(curve), 1e-8);
    }

    [Fact]
    public void CurveStepsFallExactlyOnRelevancesThatAreMultiplesOfTheStep()
    {
        var relevance = RelevanceFunction.FromPoints([new(0, 0), new(1, 0.29), new(2, 0.57), new(3, 1)]);
        double[] curve = Sera.Curve([1, 2, 3, 4], [0, 1, 2, 3], relevance, 100);
        Assert.Equal([4, 3, 3, 2, 2, 1, 1], new[] { curve[0], curve[1], curve[29], curve[30], curve[57], curve[58], curve[100] });
    }

    [Fact]
    public void NamesWhatIsWrong()
    {
        Assert.Throws<ArgumentException>(() => RelevanceFunction.FromPoints([]));
        Assert.Throws<ArgumentException>(() => RelevanceFunction.FromPoints([new(1, 0), new(1, 1)]));
        Assert.Throws<ArgumentException>(() => RelevanceFunction.FromPoints([new(1, 1.1)]));
        Assert.Throws<ArgumentException>(() => RelevanceFunction.FromBoxPlot([1], coefficient: 0));
        Assert.Throws<InvalidDataException>(() => RelevanceFunction.FromBoxPlot([]));
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => RelevanceFunction.FromBoxPlot([1, double.NaN])).Message);
        var relevance = RelevanceFunction.FromPoints([new(1, 0)]);
        Assert.Throws<ArgumentException>(() => Sera.Compute([1], [1, 2], relevance));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sera.Curve([1], [1], relevance, 0));
        Assert.Throws<ArgumentException>(() => Sera.Trapezoid([1]));
    }
}
