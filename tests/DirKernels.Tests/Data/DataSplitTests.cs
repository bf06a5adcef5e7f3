using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class DataSplitTests
{
    [Fact]
    public void ReadsTheColumnInAnyCaseAndSpelling()
    {
        DataSplit split = DataSplit.FromColumn(Parts("train", "VAL", "Test", "valid", "Train", "validation"));
        Assert.Equal([0, 4], split.Train);
        Assert.Equal([1, 3, 5], split.Validation);
        Assert.Equal([2], split.Test);
        Assert.Equal("split", split.Column);
    }

    [Fact]
    public void NamesTheRowOfAnotherValue()
    {
        Assert.Equal("memory: row 2, column 'split': 'dev' is none of train, val, test", Message(Parts("train", "dev")));
        Assert.Equal("memory: row 1, column 'split': a number, but the split must be one of train, val, test", Message(new Table("memory", [new NumericColumn("split", [1])])));
        Assert.Equal("memory: column 'split' has no training rows", Message(Parts("test", "val")));
        Assert.StartsWith("memory: there is no column 'split'", Message(new Table("memory", [new NumericColumn("y", [1])])));
        Assert.Equal("there are no training rows", Assert.Throws<InvalidDataException>(() => new DataSplit([], [1], [2])).Message);
    }

    [Fact]
    public void ZeroShotDropsRangesFromTrainingOnly()
    {
        double[] labels = [0, 1, 2, 3, 4, 5, 1, 2];
        DataSplit split = ZeroShot.Drop(new DataSplit([0, 1, 2, 3, 4, 5], [6], [7], "split"), labels, [new LabelRange(1, 2), new LabelRange(5, double.PositiveInfinity)]);
        Assert.Equal([0, 3, 4], split.Train);
        Assert.Equal([6], split.Validation);
        Assert.Equal([7], split.Test);
        Assert.Equal("split", split.Column);
        var error = Assert.Throws<InvalidDataException>(() => ZeroShot.Drop(split, labels, [new LabelRange(0, 10)]));
        Assert.Equal("zero-shot: dropping 0..10 leaves none of the 3 training rows", error.Message);
        Assert.Throws<ArgumentException>(() => new LabelRange(2, 1));
        Assert.Throws<ArgumentException>(() => new LabelRange(double.NaN, 1));
    }

    private static string Message(Table table) => Assert.Throws<InvalidDataException>(() => DataSplit.FromColumn(table)).Message;

    private static Table Parts(params string[] parts) => new("memory", [new TextColumn("split", [.. Enumerable.Range(0, parts.Length)], parts)]);
}
