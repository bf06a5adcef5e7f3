using System.Text.Json;
using DirKernels.Conformance;
using DirKernels.Objectives;
using Xunit;

namespace DirKernels.Tests.Objectives;

public sealed class BalancedMseTests
{
    private const int Rows = 24;

    public static TheoryData<int> GoldenEntries => [.. Enumerable.Range(0, GoldenFile.Read("balanced-mse").GetArrayLength())];

    [Theory]
    [MemberData(nameof(GoldenEntries))]
    public void GoldenValuesAndGradients(int index)
    {
        JsonElement golden = GoldenFile.Read("balanced-mse")[index];
        float[] prediction = Array.ConvertAll(golden.GetProperty("prediction").Doubles(), x => (float)x);
        float[] target = Array.ConvertAll(golden.GetProperty("target").Doubles(), x => (float)x);
        JsonElement prior = golden.GetProperty("prior");
        double[][] parts = prior.ValueKind == JsonValueKind.Null ? [] : [.. prior.EnumerateArray().Select(part => part.Doubles())];
        (BalancedMseKind kind, LabelPrior? distribution) = golden.GetProperty("loss").GetString() switch
        {
            "bmc" => (BalancedMseKind.BatchMonteCarlo, null),
            "bni" => (BalancedMseKind.BinNumericalIntegration, new LabelPrior(parts[0], parts[1])),
            _ => (BalancedMseKind.GaussianAnalyticIntegration, new LabelPrior(parts[1], parts[0], parts[2])),
        };
        var loss = new BalancedMse(kind, distribution, 64, golden.GetProperty("sigma").GetDouble());
        var gradient = new float[prediction.Length];
        double sum = loss.Evaluate(new ObjectiveBatch(prediction, target, [], []), gradient);
        Close.Equal(golden.GetProperty("value").GetDouble(), sum / prediction.Length, Close.Float32, "value");
        Close.Equal(golden.GetProperty("gradient").Doubles(), gradient, Close.Float32, "gradient");
    }

    [Theory]
    [InlineData("bmc", 0.3, false)]
    [InlineData("bmc", 0.7, true)]
    [InlineData("bni", 0.3, true)]
    [InlineData("bni", 1.6, false)]
    [InlineData("gai", 0.3, true)]
    [InlineData("gai", 1.6, true)]
    public void GradientsAreTheSlopesOfTheReference(string name, double sigma, bool weighted)
    {
        float[] prediction = SampleNumbers.Normal(1, Rows), target = SampleNumbers.Normal(2, Rows);
        float[] weights = weighted ? SampleNumbers.Uniform(3, Rows, 0.2, 3) : [];
        (BalancedMse loss, BalancedMseReference reference) = Create(name, sigma, 0.1);
        var gradient = new float[Rows];
        double sum = loss.Evaluate(new ObjectiveBatch(prediction, target, weights, []), gradient);
        double[] p = [.. prediction], t = [.. target];
        double[]? w = weighted ? [.. weights] : null;
        double value = reference.Loss(p, t, w, sigma, sigma);
        Assert.Equal(value, sum / Rows, 1e-12 * (1 + Math.Abs(value)));

        // Central differences at 1e-5: h^2/6 times third derivatives below 1e3 is 2e-8, a value below 100 rounds to 1e-14/h; then one rounding to float32.
        const double Step = 1e-5;
        for (int i = 0; i < Rows; i++)
        {
            double at = p[i];
            p[i] = at + Step;
            double above = reference.Loss(p, t, w, sigma, sigma);
            p[i] = at - Step;
            double slope = (above - reference.Loss(p, t, w, sigma, sigma)) / (2 * Step);
            p[i] = at;
            Assert.Equal(slope, gradient[i], 1e-7 * (1 + Math.Abs(slope)));
        }

        // Of sigma: the factor in front is constant.
        double sigmaSlope = (reference.Loss(p, t, w, sigma + Step, sigma) - reference.Loss(p, t, w, sigma - Step, sigma)) / (2 * Step);
        Assert.Equal(sigmaSlope, loss.SigmaGradient, 1e-6 * (1 + Math.Abs(sigmaSlope)));
    }

    [Fact]
    public void ManyPointsAndFarPredictionsStayFinite()
    {
        (BalancedMse loss, _) = Create("bni", 1e-3, 0);
        var gradient = new float[3];
        double sum = loss.Evaluate(new ObjectiveBatch([-1e6f, 0, 1e6f], [1, 1, 1], [], []), gradient);
        Assert.True(double.IsFinite(sum));
        Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
        Assert.True(double.IsNaN(loss.Evaluate(new ObjectiveBatch([float.NaN], [1], [], []), gradient)));
    }

    [Fact]
    public void OneRowHasNoGradientUnderMonteCarlo()
    {
        // With nothing to compare with, the own target is picked with certainty.
        (BalancedMse loss, _) = Create("bmc", 0.5, 0);
        var gradient = new float[1];
        Assert.Equal(0, loss.Evaluate(new ObjectiveBatch([0.3f], [1.5f], [], []), gradient), 1e-15);
        Assert.Equal(0f, gradient[0]);
    }

    [Fact]
    public void SigmaFollowsAdamAndStaysPositive()
    {
        float[] target = SampleNumbers.Normal(2, Rows), prediction = [.. target.Select((t, i) => t + (i % 2 == 0 ? 0.2f : -0.2f))];
        (BalancedMse learnt, _) = Create("gai", 1, 0.05);
        var gradient = new float[Rows];
        double m = 0, v = 0, sigma = 1;
        for (int step = 1; step <= 50; step++)
        {
            learnt.Evaluate(new ObjectiveBatch(prediction, target, [], []), gradient);
            m = 0.9 * m + 0.1 * learnt.SigmaGradient;
            v = 0.999 * v + 0.001 * learnt.SigmaGradient * learnt.SigmaGradient;
            sigma = Math.Max(1e-3, sigma - 0.05 * (m / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, step))) + 1e-8));
            learnt.Step();
            Assert.Equal(sigma, learnt.Sigma, 1e-12);
        }

        Assert.True(learnt.Sigma < 0.9, "sigma has not moved towards the errors of 0.2");
        (BalancedMse restored, _) = Create("gai", 1, 0.05);
        learnt.State.CopyTo(restored.State);
        Assert.Equal(learnt.Sigma, restored.Sigma);
        (BalancedMse constant, _) = Create("gai", 1, 0);
        constant.Evaluate(new ObjectiveBatch(prediction, target, [], []), gradient);
        constant.Step();
        Assert.Equal(1, constant.Sigma);
        Assert.True(constant.State.IsEmpty);
    }

    [Theory]
    [InlineData("bmc")]
    [InlineData("gai")]
    public void EvaluatingAllocatesNothing(string name)
    {
        float[] prediction = SampleNumbers.Normal(1, Rows), target = SampleNumbers.Normal(2, Rows), gradient = new float[Rows];
        (BalancedMse loss, _) = Create(name, 0.5, 0.1);
        Assert.Equal(0, AllocatedBytes.Smallest(() =>
        {
            loss.Evaluate(new ObjectiveBatch(prediction, target, [], []), gradient);
            loss.Step();
        }));
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var points = new LabelPrior([1], [1]);
        Assert.Contains("BatchMonteCarlo", Assert.Throws<ArgumentException>(() => new BalancedMse(BalancedMseKind.BatchMonteCarlo, points, 4, 1)).Message);
        Assert.Throws<ArgumentException>(() => new BalancedMse(BalancedMseKind.BinNumericalIntegration, null, 4, 1));
        Assert.Throws<ArgumentException>(() => new BalancedMse(BalancedMseKind.GaussianAnalyticIntegration, points, 4, 1));
        Assert.Throws<ArgumentException>(() => new BalancedMse(BalancedMseKind.BinNumericalIntegration, points, 4, 0));
        Assert.Throws<ArgumentException>(() => new LabelPrior([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new LabelPrior([1], [0]));
        Assert.Throws<ArgumentException>(() => new LabelPrior([], []));
    }

    private static (BalancedMse Loss, BalancedMseReference Reference) Create(string name, double sigma, double rate)
    {
        double[] centres = [-2, -1, -0.5, 0, 0.4, 1.5], frequencies = [0.05, 0.1, 0.3, 0.4, 0.1, 0.05], variances = [0.5, 0.1, 0.2, 0.05, 1, 2];
        return name switch
        {
            "bmc" => (new BalancedMse(BalancedMseKind.BatchMonteCarlo, null, Rows, sigma, rate), new BalancedMseReference(name, null, null, null)),
            "bni" => (new BalancedMse(BalancedMseKind.BinNumericalIntegration, new LabelPrior(centres, frequencies), Rows, sigma, rate),
                new BalancedMseReference(name, centres, frequencies, null)),
            _ => (new BalancedMse(BalancedMseKind.GaussianAnalyticIntegration, new LabelPrior(centres, frequencies, variances), Rows, sigma, rate),
                new BalancedMseReference(name, centres, frequencies, variances)),
        };
    }
}
