using DirKernels.Backends.Cpu;
using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Networks;
using DirKernels.Resampling;
using DirKernels.Tests.Resampling;
using Xunit;

namespace DirKernels.Tests.Methods;

public sealed class ResamplingMethodTests
{
    private static readonly LabelBins _bins = LabelBins.Uniform(-300, 10, 60);

    [Fact]
    public void EveryKindHasOneNameAndASentence()
    {
        Assert.Equal(Enum.GetValues<ResamplingKind>(), ResamplingMethod.All.Select(method => method.Kind).Order());
        Assert.Equal(["ro", "ru", "gn", "smoter", "smogn", "wercs"], ResamplingMethod.All.Select(method => method.Name));
        foreach (ResamplingMethod method in ResamplingMethod.All)
        {
            Assert.EndsWith(".", method.Summary);
            Assert.Equal(method.Kind, Method.Parse($"lds+{method.Name}+fds").Resampling);
            Assert.Contains(method.Name, Method.PartNames);
        }

        Assert.Null(Method.Parse("lds").Resampling);
        Assert.Contains("more than one resampling", Assert.Throws<ArgumentException>(() => Method.Parse("ro+ru")).Message);
        Assert.Contains("vanilla cannot be joined", Assert.Throws<ArgumentException>(() => Method.Parse("vanilla+ro")).Message);
        Assert.Contains("smogn, wercs, joined by +", Assert.Throws<ArgumentException>(() => Method.Parse("smote")).Message);
    }

    [Fact]
    public void WeightsAreThoseOfTheResampledLabels()
    {
        ComparisonRows rows = Rows();
        var settings = new MethodSettings { Bins = _bins, Training = new TrainingOptions { Seed = 7 } };
        MethodTraining training = MethodTraining.Prepare(Method.Parse("smoter+lds"), settings, rows);
        ResampledSet expected = Resampler.Resample(new TrainingSet(rows.Inputs, rows.Labels), ResamplingKind.Smoter, 7, rows.OneHotGroups);
        Assert.Equal(expected.Set.Inputs, training.Rows.Inputs);
        Assert.Equal(expected.Set.Labels, training.Rows.Labels);
        Assert.Equal(expected.Statement, training.Resampling);
        Assert.Equal(
            LabelDistributionSmoothing.Fit(expected.Set.Labels, _bins, SmoothingKernel.Default, Reweighting.SqrtInverse).Assign(expected.Set.Labels),
            training.Rows.Weights);
        Assert.Null(MethodTraining.Prepare(Method.Parse("lds"), settings, rows).Resampling);
    }

    [Fact]
    public void TrialsSeedTheirResamplingAndCountTheRowsThatThereAre()
    {
        ComparisonRows rows = Rows();
        var data = new ComparisonData(rows, rows, rows);
        var settings = new MethodSettings { Bins = _bins, Hidden = [8], Training = new TrainingOptions { Epochs = 2 } };
        using var backend = new CpuBackend(1);
        MethodOutcome Run(string method, ulong seed) =>
            MethodTrial.Run(Method.Parse(method), settings, data, seed, backend, cancellation: TestContext.Current.CancellationToken);
        MethodOutcome one = Run("ru", 1), again = Run("ru", 1), two = Run("ru", 2), vanilla = Run("vanilla", 1);
        Assert.Equal(one.ValidationError, again.ValidationError);
        Assert.NotEqual(one.ValidationError, two.ValidationError);
        Assert.StartsWith("ru: 600 training rows became ", one.Resampling);
        Assert.Null(vanilla.Resampling);

        // Regions go by the rows that were given, not by those that resampling made.
        Assert.Equal(vanilla.Test.Few?.Count, one.Test.Few?.Count);
        Assert.Equal(vanilla.Test.Many?.Count, one.Test.Many?.Count);
    }

    private static ComparisonRows Rows()
    {
        TrainingSet set = ResamplingSample.Rows();
        return new ComparisonRows(set.Inputs, set.Labels) { OneHotGroups = ResamplingSample.Groups };
    }
}
