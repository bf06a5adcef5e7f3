using System.Globalization;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class DataFileTests : IDisposable
{
    private static readonly TableOptions _withMissing = new() { Missing = MissingValues.Median };

    private readonly SampleDataFile _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1000)]
    public void GivesBackEveryBit(int rowsPerBlock)
    {
        Table table = Everything(211);
        Table read = TableFile.Read(_sample.Write(table, rowsPerBlock), _withMissing, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(table.Columns.Select(column => column.Name), read.Columns.Select(column => column.Name));
        Assert.Equal(211, read.RowCount);
        for (int c = 0; c < table.Columns.Count; c++)
        {
            if (table.Columns[c] is NumericColumn numbers)
            {
                Assert.Equal(numbers.Values.Select(BitConverter.DoubleToInt64Bits), ((NumericColumn)read.Columns[c]).Values.Select(BitConverter.DoubleToInt64Bits));
            }
            else
            {
                Assert.Equal(Texts((TextColumn)table.Columns[c]), Texts((TextColumn)read.Columns[c]));
            }
        }
    }

    [Fact]
    public void NumbersTakeTheFewestBytes()
    {
        int[] widths = [1, 2, 4, 4, 8, 2, 2, 2, 4, 4, 8, 8];
        double[][] columns =
        [
            [0, 255], [-32768, 32767], [0, 16777216], [0.5, -0.0], [0.1, 1 / 3.0],
            [0.1, -3276.7], [0.5, 3], [double.NaN, -32767], [0.1, 3276.8], [double.NaN, -2.147483647], [0.1, 214748364.8], [0.1, -0.0],
        ];
        for (int i = 0; i < columns.Length; i++)
        {
            double[] values = columns[i];
            double[] many = [.. Enumerable.Range(0, 80_000).Select(row => values[row % 2])];
            int bytes = SampleDataFile.Bytes(new Table("t", [new NumericColumn("x", many)]), 80_000).Length;
            Assert.InRange(bytes - 80_000 * widths[i], 1, 200);
        }
    }

    [Fact]
    public void DecimalNumbersOfEveryLengthComeBack()
    {
        var random = new Random(5);
        var columns = new List<NumericColumn>();
        for (int digits = 0; digits <= 10; digits++)
        {
            foreach (long most in new[] { 127L, short.MaxValue, int.MaxValue, 1L << 40 })
            {
                // As text and back, which is how tables have them.
                string format = $"F{digits}";
                double[] values = [.. Enumerable.Range(0, 100).Select(row => row % 11 == 5 ? double.NaN
                    : double.Parse((random.NextInt64(-most, most + 1) / Math.Pow(10, digits)).ToString(format, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))];
                columns.Add(new NumericColumn($"{digits} {most}", values));
            }
        }

        string path = _sample.Write(new Table("t", [.. columns]), 13);
        Table read = TableFile.Read(path, _withMissing, cancellation: TestContext.Current.CancellationToken);
        for (int c = 0; c < columns.Count; c++)
        {
            Assert.Equal(columns[c].Values.Select(BitConverter.DoubleToInt64Bits), ((NumericColumn)read.Columns[c]).Values.Select(BitConverter.DoubleToInt64Bits));
        }
    }

    [Fact]
    public void FilesOfTheFirstSchemaAreRead()
    {
        // What they had is a part of what files have now: only its number differs here.
        string path = _sample.Write(new Table("t", [new NumericColumn("x", [1.0, 0.5, 1 / 3.0])]), 2);
        byte[] bytes = File.ReadAllBytes(path);
        (bytes[8], bytes[^12]) = (1, 1);
        File.WriteAllBytes(path, bytes);
        Assert.Equal([1.0, 0.5, 1 / 3.0], ((NumericColumn)TableFile.Read(path, cancellation: TestContext.Current.CancellationToken).Columns[0]).Values);
    }

    [Fact]
    public void APartOfTheColumnsCanBeRead()
    {
        string path = _sample.Write(Everything(50), 20);
        Table read = TableFile.Read(path, _withMissing with { Columns = ["short", "text"] }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["short", "text"], read.Columns.Select(column => column.Name));
        Assert.Equal(Everything(50).Columns.Select(column => column.Name), read.SourceColumnNames);
        Assert.Contains("there is no column 'shor'; did you mean 'short'?", Fails(() => TableFile.Read(path, _withMissing with { Columns = ["shor"] })));
    }

    [Fact]
    public void KindsThatDoNotFitAndMissingValuesAreNamed()
    {
        string path = _sample.Write(Everything(50), 20);
        Assert.Equal($"{path}: column 'short' holds numbers, but must be text; convert the table with --text short", Fails(() => TableFile.Read(path, _withMissing with { TextColumns = ["short"] })));
        Assert.Equal($"{path}: column 'text' holds text, such as 'a', but must be numeric", Fails(() => TableFile.Read(path, _withMissing with { NumericColumns = ["text"] })));
        Assert.Equal($"{path}: row 14, column 'gaps': the value is missing", Fails(() => TableFile.Read(path)));
        Assert.Equal($"{path}: row 4, column 'missing text': the value is missing", Fails(() => TableFile.Read(path, new TableOptions { Columns = ["missing text"] })));
        Assert.Equal(50, TableFile.Read(path, new TableOptions { Columns = ["text", "double"] }, cancellation: TestContext.Current.CancellationToken).RowCount);
    }

    [Fact]
    public void AStreamGivesBlocksWithTheirRowNumbers()
    {
        string path = _sample.Write(Everything(50), 20);
        using var stream = TableStream.Open(path, _withMissing with { Columns = ["short"], NumericColumns = ["short"] }, cancellation: TestContext.Current.CancellationToken);
        var rows = new List<(int, long)>();
        while (stream.Read(3, TestContext.Current.CancellationToken) is { } part)
        {
            rows.Add((part.RowCount, part.RowNumber(0)));
        }

        Assert.Equal([(20, 1), (20, 21), (10, 41)], rows);
    }

    [Fact]
    public void WritersTakeOnlyTheirColumns()
    {
        using var stream = new MemoryStream();
        var writer = new DataFileWriter(stream, [("x", false), ("t", true)]);
        NumericColumn x = new("x", [1]), y = new("y", [1]);
        TextColumn t = new("t", [0], ["a"]);
        Assert.Contains("column 0 of the file is 'x', but that of the rows is 'y'", Assert.Throws<ArgumentException>(() => writer.Add(new Table("p", [y, t]))).Message);
        writer = new DataFileWriter(stream, [("x", false), ("t", true)]);
        Assert.Contains("'x' of the file holds numbers, but that of the rows text", Assert.Throws<ArgumentException>(() => writer.Add(new Table("p", [new TextColumn("x", [0], ["a"]), t]))).Message);
        Assert.Contains("1 columns", Assert.Throws<ArgumentException>(() => new DataFileWriter(stream, [("x", false), ("t", true)]).Add(new Table("p", [x]))).Message);
        Assert.Contains("at least one row", Assert.Throws<InvalidDataException>(() => new DataFileWriter(stream, [("x", false)]).Finish()).Message);
        Assert.Throws<ArgumentException>(() => new DataFileWriter(stream, [("x", false), ("x", true)]));
        Assert.Throws<ArgumentException>(() => new DataFileWriter(stream, []));
    }

    [Fact]
    public void ATextColumnOfIdentifiersIsRefused()
    {
        string[] names = [.. Enumerable.Range(0, 65_537).Select(i => $"id{i}")];
        int[] codes = [.. Enumerable.Range(0, 65_537)];
        Assert.Contains("column 'id' holds text with more than 65536 different values", Assert.Throws<InvalidDataException>(
            () => SampleDataFile.Bytes(new Table("t", [new TextColumn("id", codes, names)]), 1 << 20)).Message);
        Table table = new("t", [new TextColumn("id", codes[..65_536], names[..65_536])]);
        Assert.Equal(names[..65_536], Texts((TextColumn)TableFile.Read(_sample.Write(table, 1 << 20), cancellation: TestContext.Current.CancellationToken).Columns[0]));
    }

    private static string Fails(Action read) => Assert.Throws<InvalidDataException>(read).Message;

    private static string[] Texts(TextColumn column) => [.. column.Codes.Select(code => column.Categories[code])];

    /// <summary>Every way to store a column, and values at the edges of each.</summary>
    private static Table Everything(int rows)
    {
        var random = new Random(3);
        NumericColumn Numbers(string name, params double[] values) => new(name, [.. Enumerable.Range(0, rows).Select(row => values[row % values.Length])]);
        return new Table("t",
        [
            Numbers("byte", 0, 255, 7),
            Numbers("short", -32768, 32767, 0),
            Numbers("int", int.MaxValue, -int.MaxValue, 16777217),
            Numbers("beyond int", 2147483648, -2147483648, 1),
            Numbers("float", 0.5, -0.0, float.MaxValue, float.Epsilon, 16777216),
            new NumericColumn("double", [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() * Math.Pow(10, random.Next(-300, 300)))]),
            new NumericColumn("gaps", [.. Enumerable.Range(0, rows).Select(row => row % 17 == 13 ? double.NaN : row)]),
            new NumericColumn("double gaps", [.. Enumerable.Range(0, rows).Select(row => row % 17 == 15 ? double.NaN : row / 10.0)]),
            new TextColumn("text", [.. Enumerable.Range(0, rows).Select(row => row % 3)], ["a", "é\n\"", ""]),
            new TextColumn("many texts", [.. Enumerable.Range(0, rows)], [.. Enumerable.Range(0, rows).Select(row => $"t{row}")]),
            new TextColumn("missing text", [.. Enumerable.Range(0, rows).Select(row => row % 5 == 3 ? 1 : 0)], ["a", TextColumn.MissingCategory]),
        ]);
    }
}
