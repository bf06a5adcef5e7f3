using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class RegressionDataTests
{
    [Fact]
    public void JoinsTableTargetAndSplit()
    {
        var table = new Table("memory",
        [
            new TextColumn("split", [0, 1, 0, 2, 0], ["train", "test", "val"]),
            new NumericColumn("x", [1, 10, 2, 20, 3]),
            new TextColumn("id", [0, 1, 2, 3, 4], ["a", "b", "c", "d", "e"]),
            new NumericColumn("y", [5, 6, 7, 8, 9]),
        ]);
        RegressionData data = RegressionData.Create(table, "y", DataSplit.FromColumn(table), ["id"]);
        Assert.Equal(["x"], data.FeatureNames);
        Assert.Equal(1, data.Dimension);
        Assert.Equal([5, 7, 9], data.Train.Labels);
        Assert.Equal([0, 2, 4], data.Train.Rows);
        Assert.Equal([8], data.Validation.Labels);
        Assert.Equal([3], data.Validation.Rows);
        Assert.Equal([6], data.Test.Labels);
        Assert.Equal([1], data.Test.Rows);
        Assert.Equal((float)(8 / Math.Sqrt(2.0 / 3)), data.Test.Inputs[0]);
        Assert.Equal(["y", "split", "id"], data.Encoder.IgnoredColumns);
        Assert.Equal(3, data.Train.Count);
    }

    [Fact]
    public void NamesWhatIsWrong()
    {
        Table table = Labelled([1, 2, 3]);
        var split = new DataSplit([0, 1], [], [2]);
        Assert.Equal("memory: there is no column 'Y'; did you mean 'y'? Columns: y, x, t", Message(table, "Y", split));
        Assert.Equal("memory: row 1, column 't': 'a' is text, but the column must be numeric", Message(table, "t", split));
        Assert.Equal("memory: there is only one training row", Message(table, "y", new DataSplit([0], [1], [2])));
        Assert.Equal("memory: column 'y': all 2 training labels are equal to 4; there is nothing to learn", Message(Labelled([4, 4, 5]), "y", split));
        Assert.Equal("memory: row 3, column 'y': the label is missing", Message(Labelled([4, 4, double.NaN]), "y", split));
        Assert.Equal("memory: row 2, column 'y': the label ∞ is not a finite number".Replace("∞", double.PositiveInfinity.ToString()), Message(Labelled([4, double.PositiveInfinity, 1]), "y", split));
        Assert.Equal("memory: there are no feature columns besides y", Message(new Table("memory", [new NumericColumn("y", [1, 2, 3])]), "y", split));
        Assert.Throws<ArgumentException>(() => RegressionData.Create(table, "y", new DataSplit([0, 1], [], [3])));
    }

    [Fact]
    public void TablesAreChecked()
    {
        Assert.Throws<ArgumentException>(() => new Table("memory", []));
        Assert.Throws<ArgumentException>(() => new Table("memory", [new NumericColumn("y", [])]));
        Assert.Throws<ArgumentException>(() => new Table("memory", [new NumericColumn("y", [1]), new NumericColumn("y", [1])]));
        Assert.Throws<ArgumentException>(() => new Table("memory", [new NumericColumn("y", [1]), new NumericColumn("x", [1, 2])]));
        Assert.Throws<ArgumentException>(() => new TextColumn("t", [1], ["a"]));
    }

    [Fact]
    public void EncodesARealTable()
    {
        Table table = TableFile.Read(RealData.PathOf("abalone/abalone.csv"), cancellation: TestContext.Current.CancellationToken);
        RegressionData data = RegressionData.Create(table, "rings", DataSplit.FromColumn(table));
        Assert.Equal((3157, 510, 510, 10), (data.Train.Count, data.Validation.Count, data.Test.Count, data.Dimension));
        Assert.InRange(data.Train.Inputs.Average(), -1e-5, 1e-5);
    }

    private static Table Labelled(double[] labels) =>
        new("memory", [new NumericColumn("y", labels), new NumericColumn("x", [1, 2, 3]), new TextColumn("t", [0, 0, 0], ["a"])]);

    private static string Message(Table table, string target, DataSplit split) =>
        Assert.Throws<InvalidDataException>(() => RegressionData.Create(table, target, split)).Message;
}
