using DirKernels.Conformance;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class TrainingOptionsTests
{
    public static TheoryData<string, string> Invalid => new()
    {
        { nameof(TrainingOptions.Epochs), "epochs must be at least 1, but is 0" },
        { nameof(TrainingOptions.BatchSize), "batch must be 1..1048576, but is 0" },
        { nameof(TrainingOptions.LearningRate), "learning rate must be positive, but is 0" },
        { nameof(TrainingOptions.Beta1), "beta1 must be in [0, 1), but is 1" },
        { nameof(TrainingOptions.Beta2), "beta2 must be in [0, 1), but is 1" },
        { nameof(TrainingOptions.Epsilon), "epsilon must be positive, but is 0" },
        { nameof(TrainingOptions.WeightDecay), "weight decay must not be negative, but is -1" },
        { nameof(TrainingOptions.Patience), "patience must not be negative, but is -1" },
        { nameof(TrainingOptions.HeadEpochs), "head epochs must not be negative, but is -1" },
        { nameof(TrainingOptions.Loss), "huber beta 0" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void MessagesNameTheOptionAndItsValue(string option, string message)
    {
        var valid = new TrainingOptions();
        TrainingOptions invalid = option switch
        {
            nameof(TrainingOptions.Epochs) => valid with { Epochs = 0 },
            nameof(TrainingOptions.BatchSize) => valid with { BatchSize = 0 },
            nameof(TrainingOptions.LearningRate) => valid with { LearningRate = 0 },
            nameof(TrainingOptions.Beta1) => valid with { Beta1 = 1 },
            nameof(TrainingOptions.Beta2) => valid with { Beta2 = 1 },
            nameof(TrainingOptions.Epsilon) => valid with { Epsilon = 0 },
            nameof(TrainingOptions.WeightDecay) => valid with { WeightDecay = -1 },
            nameof(TrainingOptions.Patience) => valid with { Patience = -1 },
            nameof(TrainingOptions.HeadEpochs) => valid with { HeadEpochs = -1 },
            _ => valid with { Loss = RegressionLoss.Huber(0) },
        };
        valid.Validate();
        Assert.Contains(message, Assert.Throws<ArgumentException>(invalid.Validate).Message);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => SampleRun.Create(invalid)).Message);
    }

    [Fact]
    public void NotANumberIsNotAnOption()
    {
        Assert.Throws<ArgumentException>((new TrainingOptions { LearningRate = double.NaN }).Validate);
        Assert.Throws<ArgumentException>((new TrainingOptions { LearningRate = double.PositiveInfinity }).Validate);
        Assert.Throws<ArgumentException>((new TrainingOptions { WeightDecay = float.NaN }).Validate);
        Assert.Throws<ArgumentException>((new TrainingOptions { Epsilon = float.NaN }).Validate);
    }

    [Fact]
    public void ShapesOfRowsAndNetworkMustAgree()
    {
        TrainingSet rows = SampleRun.Rows(1, 10);
        var options = new TrainingOptions();
        var wide = new NetworkShape { Inputs = 17, Hidden = [4] };
        string message = Assert.Throws<ArgumentException>(() => SampleRun.Create(options, wide, rows)).Message;
        Assert.Contains("17", message);
        Assert.Contains("16", message);
        message = Assert.Throws<ArgumentException>(() => SampleRun.Create(options, training: SampleRun.Rows(1, 10, weights: new float[9]))).Message;
        Assert.Contains("10 rows but 9 weights", message);
        float[] ones = SampleNumbers.Uniform(1, 10, 1, 1);
        message = Assert.Throws<ArgumentException>(() => SampleRun.Create(options, training: SampleRun.Rows(1, 10, ones, new float[8]))).Message;
        Assert.Contains("10 rows but 8 weights", message);
    }

    [Fact]
    public void NetworkShapesAreChecked()
    {
        Assert.Contains("0 inputs", Assert.Throws<ArgumentException>((new NetworkShape { Inputs = 0, Hidden = [] }).Validate).Message);
        Assert.Contains("0 targets", Assert.Throws<ArgumentException>((new NetworkShape { Inputs = 1, Hidden = [], Targets = 0 }).Validate).Message);
        Assert.Contains("hidden layer 2 has width 0", Assert.Throws<ArgumentException>((new NetworkShape { Inputs = 1, Hidden = [4, 0] }).Validate).Message);
        Assert.Contains("but is 1", Assert.Throws<ArgumentException>((new NetworkShape { Inputs = 1, Hidden = [], Dropout = 1 }).Validate).Message);
    }

    [Fact]
    public void RowsAreChecked()
    {
        Assert.Contains("no rows", Assert.Throws<InvalidDataException>(() => new TrainingSet([], [])).Message);
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => new TrainingSet([1, 2, 3], [1, double.NaN, 3])).Message);
        Assert.Contains("row 2, column 1", Assert.Throws<InvalidDataException>(() => new TrainingSet([1, 2, 3, 4, 5, float.PositiveInfinity], [1, 2, 3])).Message);
        Assert.Contains("5 elements", Assert.Throws<ArgumentException>(() => new TrainingSet(new float[5], [1, 2])).Message);
        Assert.Contains("3 entries", Assert.Throws<ArgumentException>(() => new TrainingSet(new float[6], [1, 2, 3], targets: 2)).Message);
    }
}
