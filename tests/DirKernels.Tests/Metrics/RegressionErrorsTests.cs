using DirKernels.Conformance;
using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class RegressionErrorsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(257)]
    public void AgreesWithTheDefinitions(int count)
    {
        var random = new Random(count);
        double[] labels = [.. Enumerable.Range(0, count).Select(i => Math.Round(random.NextDouble() * 9) - 4 + i % 2)];
        double[] predictions = [.. labels.Select((y, i) => i % 5 == 1 ? y : Math.Round(2 * y + 3 * random.NextDouble(), 1))];
        var errors = RegressionErrors.Compute(predictions, labels);
        Assert.Equal(count, errors.Count);
        Close.Equal(RegressionErrorsReference.Mae(predictions, labels), errors.MeanAbsoluteError, 1e-13, "mae");
        Close.Equal(RegressionErrorsReference.Mse(predictions, labels), errors.MeanSquaredError, 1e-13, "mse");
        Close.Equal(Math.Sqrt(RegressionErrorsReference.Mse(predictions, labels)), errors.RootMeanSquaredError, 1e-13, "rmse");
        Close.Equal(RegressionErrorsReference.GeometricMean(predictions, labels), errors.GeometricMean, 1e-12, "gm");
        Close.Equal(RegressionErrorsReference.Pearson(predictions, labels), errors.Pearson!.Value, 1e-12, "pearson");
        Close.Equal(
            RegressionErrorsReference.Pearson(RegressionErrorsReference.Ranks(predictions), RegressionErrorsReference.Ranks(labels)),
            errors.Spearman!.Value, 1e-12, "spearman");
        Close.Equal(RegressionErrorsReference.RSquared(predictions, labels), errors.RSquared!.Value, 1e-12, "r2");
    }

    [Fact]
    public void TiesShareTheirMeanRank() => Assert.Equal([2.5, 1, 2.5, 5, 5, 5], Correlation.Ranks([3, -1, 3, 7, 7, 7]));

    [Fact]
    public void WhatIsNotDefinedIsNull()
    {
        var constantLabels = RegressionErrors.Compute([1, 2, 3], [0.1, 0.1, 0.1]);
        Assert.Null(constantLabels.Pearson);
        Assert.Null(constantLabels.Spearman);
        Assert.Null(constantLabels.RSquared);
        var constantPredictions = RegressionErrors.Compute([0.1, 0.1, 0.1], [1, 2, 3]);
        Assert.Null(constantPredictions.Pearson);
        Assert.NotNull(constantPredictions.RSquared);
        Assert.Null(RegressionErrors.Compute([1], [1]).Pearson);
    }

    [Fact]
    public void AnExactHitDoesNotMakeTheGeometricMeanZero() => Assert.Equal(1e-5, RegressionErrors.Compute([1, 3], [1, 2]).GeometricMean, 1e-17);

    [Theory]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    public void CorrelationHasNoUnit(double unit)
    {
        double[] x = [1, 2, 4, 3], y = [2, 3, 9, 4];
        double expected = RegressionErrorsReference.Pearson(x, y);
        Assert.Equal(expected, Correlation.Pearson([.. x.Select(v => v * unit)], [.. y.Select(v => v * unit)])!.Value, 1e-12);
    }

    [Fact]
    public void NamesWhatIsWrong()
    {
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => RegressionErrors.Compute([1, double.NaN], [1, 2])).Message);
        Assert.Contains("row 0", Assert.Throws<InvalidDataException>(() => RegressionErrors.Compute([1, 2], [double.PositiveInfinity, 2])).Message);
        string message = Assert.Throws<ArgumentException>(() => RegressionErrors.Compute([1, 2, 3], [1, 2])).Message;
        Assert.Contains("3", message);
        Assert.Contains("2", message);
        Assert.Throws<ArgumentException>(() => RegressionErrors.Compute([], []));
    }
}
