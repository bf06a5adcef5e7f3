using System.Globalization;
using System.IO.Compression;
using System.Text;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class TableReaderTests
{
    [Theory]
    [InlineData("x,city,y\n1,Ulm,3\n-2.5e1,Bonn,4\n7,Ulm,5\n")]
    [InlineData("x,city,y\r\n1,Ulm,3\r\n-2.5e1,Bonn,4\r\n7,Ulm,5\r\n")]
    [InlineData("x,city,y\n1,Ulm,3\n-2.5e1,Bonn,4\n7,Ulm,5")]
    [InlineData("\uFEFFx,city,y\n1,Ulm,3\n-2.5e1,Bonn,4\n7,Ulm,5\n")]
    [InlineData("\"x\",\"city\",y\n\"1\",\"Ulm\",3\n\"-2.5e1\",\"Bonn\",\"4\"\n7,\"Ulm\",5\n")]
    [InlineData("x, city , y\n 1 , Ulm, 3\n-2.5e1,Bonn ,4 \n7,Ulm,5\n")]
    [InlineData("x,city,y\n\n1,Ulm,3\n-2.5e1,Bonn,4\n\n7,Ulm,5\n\n")]
    public void ReadsNumbersAndText(string text)
    {
        foreach (bool compressed in new[] { false, true })
        {
            Table table = Read(compressed ? Compress(Encoding.UTF8.GetBytes(text)) : Encoding.UTF8.GetBytes(text));
            Assert.Equal(["x", "city", "y"], table.Columns.Select(column => column.Name));
            Assert.Equal([1, -25, 7], table.NumericColumn("x").Values);
            Assert.Equal([3, 4, 5], table.NumericColumn("y").Values);
            TextColumn city = Assert.IsType<TextColumn>(table.Column("city"));
            Assert.Equal(["Ulm", "Bonn"], city.Categories);
            Assert.Equal([0, 1, 0], city.Codes);
            Assert.Equal("test.csv", table.Name);
            Assert.Equal(3, table.RowCount);
        }
    }

    [Fact]
    public void QuotedFieldsHoldSeparatorsQuotesAndLineBreaks()
    {
        Table table = Read("name,y\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\nlast,4\n");
        TextColumn names = Assert.IsType<TextColumn>(table.Column("name"));
        Assert.Equal(["a,b", "say \"hi\"", "two\nlines", "last"], names.Categories);
        Assert.Equal([2, 3, 4, 6], Enumerable.Range(0, 4).Select(table.RowNumber));
    }

    [Fact]
    public void TabSeparatedByNameWithQuotesAsText()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("text\ty\n\"Well\", he said\t1\nplain\t2\n"));
        Table table = TableReader.Read(stream, "pairs.tsv", cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("\"Well\", he said", Assert.IsType<TextColumn>(table.Column("text")).Categories[0]);
        Assert.Equal([1, 2], table.NumericColumn("y").Values);
    }

    [Theory]
    [InlineData("x,y\n1,2\n\"1,5\",3\n", "test.csv")]
    [InlineData("x\ty\n1\t2\n1,5\t3\n", "test.tsv")]
    public void DigitGroupsAreNotNumbers(string text, string name)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var error = Assert.Throws<InvalidDataException>(() => TableReader.Read(stream, name, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal($"{name}: row 3, column 'x': '1,5' is not a number, but the column is numeric", error.Message);
    }

    [Theory]
    [InlineData("", "test.csv: the file is empty")]
    [InlineData("x,y\n", "test.csv: there is a header but no rows")]
    [InlineData("x,y", "test.csv: there is a header but no rows")]
    [InlineData("x,y\n1,2\n3\n", "test.csv: row 3: 1 fields, but the header has 2")]
    [InlineData("x,y\n1,2\n3,4,5\n", "test.csv: row 3: 3 fields, but the header has 2")]
    [InlineData("x,x\n1,2\n", "test.csv: row 1: there are two columns named 'x'")]
    [InlineData("x,,z\n1,2,3\n", "test.csv: row 1: column 2 has no name")]
    [InlineData("x,y\n1,2\n3,abc\n", "test.csv: row 3, column 'y': 'abc' is not a number, but the column is numeric")]
    [InlineData("x,y\n1,2\n\n\n3,abc\n", "test.csv: row 5, column 'y': 'abc' is not a number, but the column is numeric")]
    [InlineData("x,y\n\"a\nb\",2\nc,nan\n", "test.csv: row 4, column 'y': 'nan' is not a finite number")]
    [InlineData("x,y\n1,2\n3,-inf\n", "test.csv: row 3, column 'y': '-inf' is not a finite number")]
    [InlineData("x,y\n1,2\n3,Infinity\n", "test.csv: row 3, column 'y': 'Infinity' is not a finite number")]
    [InlineData("x,y\n1,2\n3,1e999\n", "test.csv: row 3, column 'y': '1e999' is not a finite number")]
    [InlineData("x,y\nNaN,2\n", "test.csv: row 2, column 'x': 'NaN' is not a finite number")]
    [InlineData("x,y\n1,2\n,4\n", "test.csv: row 3, column 'x': the value is missing")]
    [InlineData("x,y\n1,2\nNA,4\n", "test.csv: row 3, column 'x': the value is missing")]
    [InlineData("x,y\na,2\nn/a,4\n", "test.csv: row 3, column 'x': the value is missing")]
    [InlineData("x,y\na,2\nnull,4\n", "test.csv: row 3, column 'x': the value is missing")]
    [InlineData("x,y\na,2\n?,4\n", "test.csv: row 3, column 'x': the value is missing")]
    [InlineData("a\0b,y\n1,2\n", "test.csv: row 1: this is not a text file")]
    public void NamesWhatIsWrongAndWhere(string text, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => Read(text)).Message);

    [Theory]
    [InlineData("x,y\n1,2\n\"3,4\n")]
    [InlineData("x,y\n1,2\n3\"4,5\n")]
    public void MalformedQuotesNameTheRow(string text) =>
        Assert.StartsWith("test.csv: row 3: ", Assert.Throws<InvalidDataException>(() => Read(text)).Message);

    [Fact]
    public void InvalidUtf8NamesRowAndColumn()
    {
        byte[] bytes = [.. "x,y\nabc,1\n"u8, 0xc3, 0x28, .. ",2\n"u8];
        Assert.Equal("test.csv: row 3, column 'x': the text is not valid UTF-8", Assert.Throws<InvalidDataException>(() => Read(bytes)).Message);
    }

    [Fact]
    public void MissingValuesCanBeKept()
    {
        var options = new TableOptions { Missing = MissingValues.Median };
        Table table = Read("x,c,y\n,NA,1\n5,a,2\nNULL,?,3\n7,b,4\n"u8.ToArray(), options);
        Assert.Equal([double.NaN, 5, double.NaN, 7], table.NumericColumn("x").Values);
        TextColumn text = Assert.IsType<TextColumn>(table.Column("c"));
        Assert.Equal([TextColumn.MissingCategory, "a", TextColumn.MissingCategory, "b"], text.Codes.Select(code => text.Categories[code]));
        var error = Assert.Throws<InvalidDataException>(() => Read("x,y\n,1\n,2\n"u8.ToArray(), options));
        Assert.Equal("test.csv: column 'x': all 2 values are missing", error.Message);
        error = Assert.Throws<InvalidDataException>(() => table.Labels("x"));
        Assert.Equal("test.csv: row 2, column 'x': the label is missing", error.Message);
    }

    [Fact]
    public void SelectedColumnsAloneAreParsed()
    {
        var options = new TableOptions { Columns = ["y", "split"] };
        Table table = Read("a,y,b\n1,2,x\n,3,\nz,4,inf\n"u8.ToArray(), options);
        Assert.Equal(["y"], table.Columns.Select(column => column.Name));
        Assert.Equal(["a", "y", "b"], table.SourceColumnNames);
        Assert.Equal([2, 3, 4], table.NumericColumn("y").Values);
        Assert.Throws<InvalidDataException>(() => Read("a,y,b\n1,2,x\n1,2\n"u8.ToArray(), options));
        var error = Assert.Throws<InvalidDataException>(() => Read("age,b\n1,2\n"u8.ToArray(), new TableOptions { Columns = ["Age"] }));
        Assert.Equal("test.csv: there is no column 'Age'; did you mean 'age'? Columns: age, b", error.Message);
    }

    [Fact]
    public void ColumnsCanBeForcedToText()
    {
        Table table = Read("zip,y\n1,2\nA1,3\n1.0,4\n"u8.ToArray(), new TableOptions { TextColumns = ["zip"] });
        Assert.Equal(["1", "A1", "1.0"], Assert.IsType<TextColumn>(table.Column("zip")).Categories);
    }

    [Fact]
    public void ColumnsKnownToBeNumericNeedNoValue()
    {
        byte[] text = "x,y\n,2\n?,3\n"u8.ToArray();
        Assert.Throws<InvalidDataException>(() => Read(text, new TableOptions { Missing = MissingValues.Median }));
        Table table = Read(text, new TableOptions { Missing = MissingValues.Median, NumericColumns = ["x"] });
        Assert.All(table.NumericColumn("x").Values, value => Assert.True(double.IsNaN(value)));
        var error = Assert.Throws<InvalidDataException>(() => Read("x,y\nred,2\n"u8.ToArray(), new TableOptions { NumericColumns = ["x"] }));
        Assert.Equal("test.csv: row 2, column 'x': 'red' is not a number, but the column is numeric", error.Message);
    }

    [Fact]
    public void UnknownOrTextColumnIsNamed()
    {
        Table table = Read("rings,length,sex\n1,2,M\n");
        Assert.Equal("test.csv: there is no column 'ring'; did you mean 'rings'? Columns: rings, length, sex", Assert.Throws<InvalidDataException>(() => table.Column("ring")).Message);
        Assert.Equal("test.csv: row 2, column 'sex': 'M' is text, but the column must be numeric", Assert.Throws<InvalidDataException>(() => table.NumericColumn("sex")).Message);
    }

    [Fact]
    public void DamagedCompressionIsFoundAndNotTakenForTheEnd()
    {
        byte[] whole = Compress(Encoding.UTF8.GetBytes("x,y\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},{i * 7919 % 104729}\n"))));
        Assert.Equal(5000, Read(whole).RowCount);
        foreach (int length in new[] { 3, 12, whole.Length / 2, whole.Length - 9, whole.Length - 1 })
        {
            Assert.StartsWith("test.csv: the gzip data is ", Assert.Throws<InvalidDataException>(() => Read(whole[..length])).Message);
        }

        byte[] joined = [.. Compress("y\n1\n"u8.ToArray()), .. Compress("2\n"u8.ToArray())];
        Assert.Contains("made of several joined parts", Assert.Throws<InvalidDataException>(() => Read(joined)).Message);
        whole[^6] ^= 0x55; // in the checksum
        Assert.StartsWith("test.csv: the gzip data is damaged", Assert.Throws<InvalidDataException>(() => Read(whole)).Message);
    }

    [Fact]
    public void NumbersHaveTheBitsThatTheRuntimeParses()
    {
        var random = new Random(7);
        var texts = new List<string>();
        for (int i = 0; i < 20_000; i++)
        {
            double value = BitConverter.Int64BitsToDouble(random.NextInt64());
            value = double.IsFinite(value) ? value : i;
            texts.Add(value.ToString(i % 3 == 0 ? "R" : i % 3 == 1 ? "G6" : "E20", CultureInfo.InvariantCulture));
            texts.Add((random.NextDouble() * Math.Pow(10, random.Next(-6, 12))).ToString($"F{random.Next(0, 20)}", CultureInfo.InvariantCulture));
            texts.Add((random.NextInt64(-1_000_000_000_000_000, 1_000_000_000_000_000) / (decimal)Math.Pow(10, random.Next(0, 16))).ToString(CultureInfo.InvariantCulture));
        }

        texts.AddRange(["5.", ".5", "-.5", "-0", "0.", "000000000000001", "999999999999999", "0.000000000000001", "-999999999999.999", "+5", "9007199254740993", "00000000000000000000012.5"]);
        Table table = Read("y\n" + string.Join('\n', texts));
        double[] values = table.NumericColumn("y").Values;
        for (int i = 0; i < texts.Count; i++)
        {
            Assert.True(double.Parse(texts[i], CultureInfo.InvariantCulture).Equals(values[i]), texts[i]);
        }
    }

    [Fact]
    public void ReadsFilesAndStandardInputByContent()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Compress("y\n1\n2\n"u8.ToArray()));
            Assert.Equal([1, 2], TableFile.Read(path, cancellation: TestContext.Current.CancellationToken).NumericColumn("y").Values);
            Assert.Equal([1, 2], TableReader.Read(path, cancellation: TestContext.Current.CancellationToken).NumericColumn("y").Values);
            using var input = new MemoryStream("y\n3\n"u8.ToArray());
            Table table = TableFile.Read("-", null, input, TestContext.Current.CancellationToken);
            Assert.Equal([3], table.NumericColumn("y").Values);
            Assert.Equal("standard input", table.Name);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Throws<FileNotFoundException>(() => TableFile.Read(path, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void StopsWhenCancelled()
    {
        using var stream = new MemoryStream("y\n1\n"u8.ToArray());
        Assert.Throws<OperationCanceledException>(() => TableReader.Read(stream, "x", null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void ReadsTheLargestRealTable()
    {
        Table table = TableFile.Read(RealData.PathOf("beijing_pm25/beijing_pm25.csv.gz"), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(382_168, table.RowCount);
        Assert.Equal(30, table.Columns.Count);
        Assert.Equal(2, table.Labels("PM2_5").Min());
        Assert.Equal(844, table.Labels("PM2_5").Max());
    }

    private static Table Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static Table Read(byte[] bytes, TableOptions? options = null)
    {
        using var stream = new MemoryStream(bytes);
        return TableReader.Read(stream, "test.csv", options, TestContext.Current.CancellationToken);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
