using DirKernels.Data;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class FeatureEncoderTests
{
    private static readonly int[] _firstFour = [0, 1, 2, 3];

    [Fact]
    public void TrainingColumnsHaveMeanZeroAndDeviationOne()
    {
        var random = new Random(3);
        int rows = 500;
        double[] Column(double mean, double deviation) => [.. Enumerable.Range(0, rows).Select(_ => mean + deviation * (random.NextDouble() + random.NextDouble()))];
        Table table = Numbers(Column(0, 1), Column(1e6, 1e-2), Column(-3e-9, 1e-12), Column(0, 1e200), Column(5, 0));
        int[] train = [.. Enumerable.Range(0, rows).Where(row => row % 5 != 0)];
        FeatureEncoder encoder = FeatureEncoder.Fit(table, train, []);
        float[] inputs = encoder.Encode(table, train);
        for (int d = 0; d < 4; d++)
        {
            double[] column = [.. Enumerable.Range(0, train.Length).Select(i => (double)inputs[i * 5 + d])];
            double mean = column.Average();
            Assert.InRange(mean, -1e-5, 1e-5);
            Assert.InRange(Math.Sqrt(column.Average(x => (x - mean) * (x - mean))), 1 - 1e-5, 1 + 1e-5);
        }

        Assert.All(Enumerable.Range(0, train.Length), i => Assert.Equal(0, inputs[i * 5 + 4]));
        Assert.Equal(1, encoder.Columns[4].Scale);
    }

    [Fact]
    public void KnownValues()
    {
        Table table = Numbers([1, 2, 3, 4, 100]);
        EncodedColumn column = FeatureEncoder.Fit(table, _firstFour, []).Columns[0];
        Assert.Equal((2.5, Math.Sqrt(1.25), 2.5), (column.Mean, column.Scale, column.Median));
        float[] inputs = FeatureEncoder.Fit(table, _firstFour, []).Encode(table);
        Assert.Equal((float)((100 - 2.5) / Math.Sqrt(1.25)), inputs[4]);
    }

    [Fact]
    public void ConstantsThatAreNotExactInBinaryBecomeZero()
    {
        Table table = Numbers([.. Enumerable.Repeat(0.1, 7)]);
        Assert.All(FeatureEncoder.Fit(table, [0, 1, 2, 3, 4, 5, 6], []).Encode(table), input => Assert.Equal(0, input));
    }

    [Fact]
    public void GroupsOfInputsAreThoseOfTextColumns()
    {
        EncodedColumn[] columns =
        [
            EncodedColumn.Categorical("a", ["x", "y", "z"]),
            EncodedColumn.Numeric("b", 0, 1, 0),
            EncodedColumn.Categorical("c", ["only"]),
            EncodedColumn.Categorical("d", ["no", "yes"]),
        ];
        var encoder = new FeatureEncoder(columns, []);
        Assert.Equal([new(0, 3), new(4, 1), new(5, 2)], encoder.OneHotGroups);
        Assert.Equal(["c=only"], encoder.FeatureNames.Skip(encoder.OneHotGroups[1].Start).Take(1));
        Assert.Empty(new FeatureEncoder([columns[1]], []).OneHotGroups);
    }

    [Fact]
    public void NoRowsAreNoInputs()
    {
        Table table = Numbers([1, 2, 3, 4], [5, 6, 7, 9]);
        Assert.Empty(FeatureEncoder.Fit(table, _firstFour, []).Encode(table, []));
    }

    [Fact]
    public void UnknownColumnsAreFoundThoughTheyWereNotRead()
    {
        FeatureEncoder encoder = FeatureEncoder.Fit(Numbers([1, 2, 3, 4]), _firstFour, ["y"]);
        Table Read(string header) => TableFile.Read(
            new MemoryStream(System.Text.Encoding.UTF8.GetBytes(header + "\n1,2\n")), "a.csv", new TableOptions { Columns = ["x0"] });
        Assert.Single(encoder.Encode(Read("x0,y")));
        var error = Assert.Throws<InvalidDataException>(() => encoder.Encode(Read("x0,z")));
        Assert.Equal("the model was trained on columns x0; a.csv has z besides", error.Message);
    }

    [Fact]
    public void MissingNumbersBecomeTheTrainingMedian()
    {
        Table table = Numbers([1, double.NaN, 3, 8, double.NaN, 1000]);
        FeatureEncoder encoder = FeatureEncoder.Fit(table, _firstFour, []);
        Assert.Equal((3, 3.75), (encoder.Columns[0].Median, encoder.Columns[0].Mean));
        float[] inputs = encoder.Encode(table);
        Assert.Equal((float)((3 - 3.75) / encoder.Columns[0].Scale), inputs[1]);
        Assert.Equal(inputs[1], inputs[4]);
        var error = Assert.Throws<InvalidDataException>(() => FeatureEncoder.Fit(table, [1, 4], []));
        Assert.Equal("memory: column 'x0' has no value in any training row", error.Message);
    }

    [Fact]
    public void MedianBySelectionIsTheMedianBySorting()
    {
        var random = new Random(11);
        for (int trial = 0; trial < 300; trial++)
        {
            double[] values = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (double)random.Next(0, 1 + trial / 4))];
            double[] sorted = [.. values.Order()];
            double expected = 0.5 * (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]);
            Assert.Equal(expected, MedianSelection.Median(values));
        }
    }

    [Fact]
    public void TextIsOneHotAndUnseenCategoriesAreZeros()
    {
        var table = new Table("memory", [new TextColumn("city", [0, 1, 0, 1, 2], ["Ulm", "Bonn", "Kiel"]), new NumericColumn("x", [1, 3, 1, 3, 5])]);
        FeatureEncoder encoder = FeatureEncoder.Fit(table, _firstFour, []);
        Assert.Equal(["city=Bonn", "city=Ulm", "x"], encoder.FeatureNames);
        Assert.Equal([0, 1, -1, 1, 0, 1, 0, 1, -1, 1, 0, 1, 0, 0, 3], encoder.Encode(table));
    }

    [Fact]
    public void TooManyCategoriesAreRefusedByName()
    {
        Table Texts(int count) => new("memory", [new TextColumn("id", [.. Enumerable.Range(0, count)], [.. Enumerable.Range(0, count).Select(i => $"v{i}")])]);
        Assert.Equal(64, FeatureEncoder.Fit(Texts(64), [.. Enumerable.Range(0, 64)], []).Dimension);
        var error = Assert.Throws<InvalidDataException>(() => FeatureEncoder.Fit(Texts(65), [.. Enumerable.Range(0, 65)], []));
        Assert.StartsWith("memory: column 'id' holds text with 65 different values; at most 64 can be encoded", error.Message);
    }

    [Fact]
    public void IsRestoredFromItsDescription()
    {
        var table = new Table("memory", [new TextColumn("city", [0, 1, 0], ["Ulm", "Bonn"]), new NumericColumn("x", [1, 2, 4]), new NumericColumn("y", [1, 2, 3])]);
        FeatureEncoder encoder = FeatureEncoder.Fit(table, [0, 1, 2], ["y"]);
        EncodedColumn[] columns = [.. encoder.Columns.Select(column => column.Kind == EncodedColumnKind.Numeric
            ? EncodedColumn.Numeric(column.Name, column.Mean, column.Scale, column.Median)
            : EncodedColumn.Categorical(column.Name, [.. column.Categories]))];
        Assert.Equal(encoder.Columns, columns);
        var restored = new FeatureEncoder(columns, encoder.IgnoredColumns);
        Assert.Equal(encoder.Encode(table), restored.Encode(table));
        Assert.Equal(3, restored.Dimension);
    }

    [Fact]
    public void OtherColumnsThanTheModelsAreNamed()
    {
        FeatureEncoder encoder = FeatureEncoder.Fit(
            new Table("memory", [new NumericColumn("a", [1, 2]), new TextColumn("b", [0, 1], ["u", "v"]), new NumericColumn("y", [1, 2])]), [0, 1], ["y", "split"]);
        var a = new NumericColumn("a", [1]);
        var b = new TextColumn("b", [0], ["u"]);
        string Message(params TableColumn[] columns) => Assert.Throws<InvalidDataException>(() => encoder.Encode(new Table("new.csv", columns))).Message;
        Assert.Equal("the model was trained on columns a, b; new.csv lacks b", Message(a));
        Assert.Equal("the model was trained on columns a, b; new.csv has z, w besides", Message(a, b, new NumericColumn("z", [1]), new NumericColumn("w", [1])));
        Assert.Equal("new.csv: row 1, column 'a': 'text' is text, but the model was trained on numbers", Message(new TextColumn("a", [0], ["text"]), b));
        Assert.Equal("new.csv: row 1, column 'b': the column is numeric, but the model was trained on text", Message(a, new NumericColumn("b", [0])));
        Assert.Equal(3, encoder.Encode(new Table("new.csv", [new NumericColumn("z", [1]), b, a]), allowOtherColumns: true).Length);
        Assert.Equal(3, encoder.Encode(new Table("new.csv", [b, a, new NumericColumn("y", [1]), new TextColumn("split", [0], ["test"])])).Length);
    }

    [Fact]
    public void ExtremeValuesAreErrorsNotInfinities()
    {
        Table table = Numbers([1, 2, 3, 1e300]);
        Assert.StartsWith("memory: row 4, column 'x0': 1E+300 is too far", Assert.Throws<InvalidDataException>(() => FeatureEncoder.Fit(table, [0, 1, 2], []).Encode(table)).Message);
        table = Numbers([1e308, 1.7e308, -1e308]);
        Assert.Equal("memory: column 'x0' has values too large to standardise", Assert.Throws<InvalidDataException>(() => FeatureEncoder.Fit(table, [0, 1], [])).Message);
    }

    [Fact]
    public void RejectsBadDescriptions()
    {
        Assert.Throws<ArgumentException>(() => EncodedColumn.Numeric("x", 0, 0, 0));
        Assert.Throws<ArgumentException>(() => EncodedColumn.Numeric("x", double.NaN, 1, 0));
        Assert.Throws<ArgumentException>(() => EncodedColumn.Categorical("x", []));
        Assert.Throws<ArgumentException>(() => EncodedColumn.Categorical("x", ["a", "a"]));
        EncodedColumn x = EncodedColumn.Numeric("x", 0, 1, 0);
        Assert.Throws<ArgumentException>(() => new FeatureEncoder([], []));
        Assert.Throws<ArgumentException>(() => new FeatureEncoder([x, x], []));
    }

    private static Table Numbers(params double[][] columns) => new("memory", [.. columns.Select((values, i) => new NumericColumn($"x{i}", values))]);
}
