using DirKernels.Diagnostics;
using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Diagnostics;

public sealed class DiagnosisTests
{
    private static readonly MethodSettings _settings = new()
    {
        Bins = LabelBins.Uniform(0, 1, 10),
        Hidden = [6],
        Training = new TrainingOptions { Epochs = 4, BatchSize = 32 },
    };

    [Fact]
    public void EveryPartIsThereAndDoesNotDependOnThreads()
    {
        ComparisonData data = Data(test: 80);
        var one = Diagnosis.Run(_settings, data, threads: 1, cancellation: TestContext.Current.CancellationToken);
        var three = Diagnosis.Run(_settings, data, threads: 3, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(one.Before.Means, three.Before.Means);
        Assert.Equal(one.After.VarianceToAnchor, three.After.VarianceToAnchor);
        Assert.Equal(one.Distances.Means, three.Distances.Means);
        Assert.Equal(one.Suggestion.Trials.Select(trial => trial.Mean), three.Suggestion.Trials.Select(trial => trial.Mean));

        Assert.Equal(4, one.Distances.Means.Count);
        Assert.All(one.Distances.Means.Concat(one.Distances.Variances), distance => Assert.True(distance > 0));
        Assert.True(one.JudgesTestRows);
        Assert.Equal(1, one.Before.MeanToAnchor[one.Before.Anchor], 12);
        Assert.Equal(Array.IndexOf(one.EmpiricalDensity, one.EmpiricalDensity.Max()), one.Before.Anchor);
        Assert.Equal(data.Train.Labels.Length, one.EmpiricalDensity.Sum());
        Assert.Equal(DensityCorrelations.Of(one.BinErrors, one.EmpiricalDensity, one.EffectiveDensity), one.Correlations);
        Assert.Equal(BinSuggestion.CountTrials(_settings.Bins, data.Train.Labels), one.Suggestion.Trials.Count);
        Assert.Equal(one.Suggestion.Trials.Select(trial => trial.Mean).Order(), one.Suggestion.Trials.Select(trial => trial.Mean));
    }

    [Fact]
    public void TheErrorsAreThoseOfVanillaInAComparison()
    {
        ComparisonData data = Data(test: 80);
        var diagnosis = Diagnosis.Run(_settings, data, searches: false, cancellation: TestContext.Current.CancellationToken);
        MethodOutcome outcome = MethodComparison.Run([Method.Parse("vanilla")], 1, _settings, data, 1, cancellation: TestContext.Current.CancellationToken)[0][0];
        Assert.Equal(outcome.Test.Bins.Select(bin => bin.MeanAbsoluteError), diagnosis.BinErrors);
        Assert.Empty(diagnosis.Suggestion.Trials);
        Assert.Contains("Freedman and Diaconis", diagnosis.Suggestion.Sentence("y"));
    }

    [Fact]
    public void WithoutTestRowsValidationRowsAreJudged() => Assert.False(Diagnosis.Run(_settings, Data(test: 0), searches: false, cancellation: TestContext.Current.CancellationToken).JudgesTestRows);

    [Fact]
    public void AnAnchorWithoutRowsIsNamed()
    {
        var settings = _settings with { Bins = LabelBins.Uniform(0, 1, 30) };
        Assert.Contains("25", Assert.Throws<ArgumentException>(() => Diagnosis.Run(settings, Data(test: 10), anchorLabel: 25, searches: false, cancellation: TestContext.Current.CancellationToken)).Message);
        Assert.Equal(2, Diagnosis.Run(settings, Data(test: 10), anchorLabel: 2.5, searches: false, cancellation: TestContext.Current.CancellationToken).Before.Anchor);
    }

    [Fact]
    public void TheEffectiveDensityIsTheAverageOverTheWindow()
    {
        double[] counts = [8, 0, 0, 4, 0, 2];
        double[] density = LabelDensity.Effective(counts, SmoothingKernel.Create(SmoothingKernelShape.Triangular, 3, 1));
        // Taps 1/2 1 1/2 over their sum 2.
        double[] expected = [4, 2, 1, 2, 1.5, 1];
        for (int b = 0; b < expected.Length; b++)
        {
            Assert.Equal(expected[b], density[b], 12);
        }

        Assert.Equal(counts, LabelDensity.Effective(counts, SmoothingKernel.Gaussian(7, 2)));
        Assert.Equal(counts, LabelDensity.Effective(counts, null));
    }

    private static ComparisonData Data(int test)
    {
        var random = new Random(4);
        ComparisonRows Rows(int count)
        {
            float[] inputs = [.. Enumerable.Range(0, 3 * count).Select(_ => (float)random.NextDouble())];
            double[] labels = [.. Enumerable.Range(0, count).Select(i => 9.9 * Math.Pow(inputs[3 * i], 3) * (0.8 + 0.2 * inputs[3 * i + 1]))];
            return new ComparisonRows(inputs, labels);
        }

        return new ComparisonData(Rows(300), Rows(80), Rows(test));
    }
}
