using DirKernels.Data;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class StreamedDataTests : IDisposable
{
    private static readonly LabelBins _bins = LabelBins.Uniform(0, 10, 10);

    private readonly SampleDataFile _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void PartsEncodingAndInputsAreThoseOfTheTableInMemory(bool hasSplit, bool hasMissing)
    {
        Table table = Sample(2000, hasSplit, hasMissing);
        DataSplit split = hasSplit ? DataSplit.FromColumn(table) : BalancedSplit.Create(table, "y", _bins, seed: 9);
        RegressionData expected = RegressionData.Create(table, "y", split);
        foreach (int rowsPerBlock in new[] { 100, 333, 2000 })
        {
            using DataFile file = DataFile.Open(_sample.Write(table, rowsPerBlock));
            using var data = StreamedData.Create(
                file, "y", hasSplit ? "split" : null, _ => _bins, seed: 9, MissingValues.Median, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Encoder.Columns, data.Encoder.Columns);
            Assert.Equal(expected.Encoder.IgnoredColumns, data.Encoder.IgnoredColumns);
            Check(expected.Train, data.Train, data.TrainLabels);
            Check(expected.Validation, data.Validation, data.ValidationLabels);
            Check(expected.Test, data.Test, data.TestLabels);
            data.GatherValidation(_sample.Folder, TestContext.Current.CancellationToken);
            Check(expected.Validation, data.Validation, data.ValidationLabels);
            Assert.Equal(OperatingSystem.IsWindows() ? 2 : 1, Directory.GetFiles(_sample.Folder).Length);
        }

        Assert.Single(Directory.GetFiles(_sample.Folder));
    }

    [Fact]
    public void TheFingerprintDiffersWithTheData()
    {
        Table table = Sample(500, hasSplit: true, hasMissing: false);
        ulong Fingerprint(Table rows, string target)
        {
            using DataFile file = DataFile.Open(_sample.Write(rows, 100));
            using var data = StreamedData.Create(file, target, "split", _ => _bins, seed: 1, MissingValues.Median, TestContext.Current.CancellationToken);
            return data.Fingerprint;
        }

        ulong one = Fingerprint(table, "y");
        Assert.Equal(one, Fingerprint(table, "y"));
        Assert.NotEqual(one, Fingerprint(table, "x"));
        ((NumericColumn)table.Column("x")).Values[77] += 1e-9;
        Assert.NotEqual(one, Fingerprint(table, "y"));
    }

    [Fact]
    public void WhatIsWrongIsNamed()
    {
        Table table = Sample(500, hasSplit: true, hasMissing: true);
        using DataFile file = DataFile.Open(_sample.Write(table, 100));
        string Fails(string target, string? split, MissingValues missing = MissingValues.Median) =>
            Assert.Throws<InvalidDataException>(() => StreamedData.Create(file, target, split, _ => _bins, 1, missing)).Message;
        Assert.Contains("row 8, column 'x': the value is missing", Fails("y", "split", MissingValues.Error));
        Assert.Contains("there is no column 'Y'; did you mean 'y'?", Fails("Y", "split"));
        Assert.Contains("column 'colour': 'red' is text, but the column must be numeric", Fails("colour", "split"));
        Assert.Contains("row 8, column 'x': the label is missing", Fails("x", "split"));
        Assert.Contains("row 1, column 'colour': 'red' is none of train, val, test", Fails("y", "colour"));
        Assert.Contains("column 'y' holds numbers, but the split must be one of train, val, test", Fails("x2", "y"));
        Assert.Contains("column 'same': all", Fails("same", "split"));
    }

    [Fact]
    public void AValueTooFarFromTheTrainingRowsIsNamed()
    {
        Table table = Sample(500, hasSplit: true, hasMissing: false);
        int row = Array.IndexOf(((TextColumn)table.Column("split")).Codes, 1); // validates
        ((NumericColumn)table.Column("x")).Values[row] = 1e300;
        using DataFile file = DataFile.Open(_sample.Write(table, 100));
        using var data = StreamedData.Create(file, "y", "split", _ => _bins, 1, MissingValues.Median, TestContext.Current.CancellationToken);
        string message = Assert.Throws<InvalidDataException>(() => data.GatherValidation(_sample.Folder, TestContext.Current.CancellationToken)).Message;
        Assert.StartsWith($"{file.Name}: row {row + 1}, column 'x': 1E+300 is too far from the training rows", message);
        Assert.Single(Directory.GetFiles(_sample.Folder));
    }

    private static void Check(RegressionPart expected, IRowBlocks blocks, double[] labels)
    {
        Assert.Equal(expected.Labels, labels);
        Assert.Equal(expected.Count, blocks.FirstRow(blocks.BlockCount));
        var inputs = new float[expected.Inputs.Length];
        for (int block = blocks.BlockCount - 1; block >= 0; block--)
        {
            // A sentinel behind the block must stay.
            int first = blocks.FirstRow(block) * blocks.Columns, end = blocks.FirstRow(block + 1) * blocks.Columns;
            var room = new float[end - first + 1];
            Array.Fill(room, 123);
            blocks.Read(block, room.AsSpan(0, end - first));
            Assert.Equal(123, room[^1]);
            room.AsSpan(0, end - first).CopyTo(inputs.AsSpan(first));
        }

        Assert.Equal(expected.Inputs.Select(BitConverter.SingleToInt32Bits), inputs.Select(BitConverter.SingleToInt32Bits));
    }

    /// <summary>Long-tailed labels, numbers of several kinds, text, some rows twice, and if asked for a split and missing values.</summary>
    private static Table Sample(int rows, bool hasSplit, bool hasMissing)
    {
        var random = new Random(8);
        var columns = new List<TableColumn>
        {
            new NumericColumn("x", [.. Enumerable.Range(0, rows).Select(row => hasMissing && row % 50 == 7 ? double.NaN : random.NextDouble())]),
            new NumericColumn("x2", [.. Enumerable.Range(0, rows).Select(_ => (double)random.Next(100))]),
            new TextColumn("colour", [.. Enumerable.Range(0, rows).Select(row => row % 4)], ["red", "green", "blue", TextColumn.MissingCategory]),
            new NumericColumn("same", [.. Enumerable.Repeat(4.0, rows)]),
            new NumericColumn("y", [.. Enumerable.Range(0, rows).Select(_ => Math.Min(99, -20 * Math.Log(random.NextDouble())))]),
        };
        if (hasSplit)
        {
            columns.Insert(0, new TextColumn("split", [.. Enumerable.Range(0, rows).Select(_ => random.Next(10) is var n and < 2 ? n + 1 : 0)], ["train", "val", "test"]));
        }

        foreach (TableColumn column in columns.Where(column => column.Name is "x" or "x2"))
        {
            double[] values = ((NumericColumn)column).Values;
            for (int row = 0; row + 4 < rows; row += 20)
            {
                values[row + 4] = values[row]; // with the same colour: rows that occur twice
            }
        }

        return new Table("t", columns);
    }
}
