using DirKernels.Networks;
using Xunit;
using static DirKernels.Tests.Networks.ObjectiveSample;

namespace DirKernels.Tests.Networks;

/// <summary>Models whose heads know how uncertain they are.</summary>
public sealed class HeadModelTests
{
    [Fact]
    public void HeadsWithALikelihoodTakeNoOtherLoss() =>
        Assert.Contains("a laplace head has a likelihood of its own", Assert.Throws<ArgumentException>(() => SampleRun.Create(Options("bmc"), ShapeOf("laplace"))).Message);

    [Theory]
    [InlineData("laplace")]
    [InlineData("gaussian")]
    [InlineData("vote of 3")]
    public void ModelsSayHowUncertainTheyAreAlsoThroughAFile(string name)
    {
        using TrainingRun run = SampleRun.Create(Options(name) with { Epochs = 5 }, ShapeOf(name));
        SampleRun.Finish(run);
        using RegressionModel model = run.BestModel();
        const int Count = 1500;
        float[] inputs = SampleRun.Rows(7, Count).Inputs;
        double[] values = new double[Count], plain = new double[Count], uncertainties = new double[Count], read = new double[Count], readUncertainties = new double[Count];
        model.Predict(inputs, plain);
        model.Predict(inputs, values, uncertainties);
        Assert.Equal(plain, values);
        Assert.All(uncertainties, u => Assert.True(u > 0 && double.IsFinite(u)));
        using var stream = new MemoryStream();
        ModelFile.Write(stream, ModelSnapshot.Capture(run, SampleRun.Bins, new double[10]));
        stream.Position = 0;
        ModelSnapshot snapshot = ModelFile.Read(stream);
        Assert.Equal(HeadOf(name), snapshot.Shape.Head);
        using Predictor predictor = snapshot.ToPredictor();
        predictor.Predict(inputs, read, readUncertainties);
        Assert.Equal(values, read);
        Assert.Equal(uncertainties, readUncertainties);
        float[] narrow = new float[Count], narrowUncertainties = new float[Count];
        predictor.Predict(inputs, narrow, narrowUncertainties);
        Assert.Equal(Array.ConvertAll(uncertainties, u => (float)u), narrowUncertainties);
        Assert.Equal(Array.ConvertAll(values, v => (float)v), narrow);
        Assert.Equal(0, AllocatedBytes.Smallest(() => predictor.Predict(inputs, read, readUncertainties)));
        Assert.Contains("1500", Assert.Throws<ArgumentException>(() => predictor.Predict(inputs, read, readUncertainties.AsSpan(1))).Message);
    }

    [Fact]
    public void ModelsOfValuesKnowNoUncertaintyAndTheirFilesAreAsBefore()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 1 });
        SampleRun.Finish(run);
        using RegressionModel model = run.BestModel();
        Assert.Throws<InvalidOperationException>(() => model.Predict(new float[SampleRun.Inputs], new double[1], new double[1]));
        using var stream = new MemoryStream();
        ModelFile.Write(stream, ModelSnapshot.Capture(run, SampleRun.Bins, new double[10]));
        string description = SafeTensorsFile.Read(stream.ToArray()).Metadata["dirkernels.model"];
        Assert.DoesNotContain("head", description);
        Assert.DoesNotContain("members", description);
    }
}
