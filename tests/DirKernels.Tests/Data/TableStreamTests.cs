using System.Text;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

/// <summary>Tables read in pieces: the same rows, numbers of rows and errors whatever the pieces of the source and of the reader.</summary>
public sealed class TableStreamTests
{
    private const string Csv = "\uFEFFx,\"na\"\"me\",y\r\n1.5,\"a,b\",3\r\n\n-2e3,\"two\nlines\",4\n7,é,5\n\r\n8,\"\"\"q\"\"\",6\r9,\"\",7\n10,\uFEFFz,8";

    private static readonly TableOptions _options = new() { Columns = ["x", "na\"me", "y"], NumericColumns = ["x", "y"], TextColumns = ["na\"me"], Missing = MissingValues.Median };

    [Fact]
    public void PiecesOfAnySizeGiveTheSameRows()
    {
        string whole = Whole(Encoding.UTF8.GetBytes(Csv));
        Assert.Equal("2: 1.5|a,b|3; 4: -2000|two\nlines|4; 6: 7|é|5; 8: 8|\"q\"|6; 9: 9|(missing)|7; 10: 10|\uFEFFz|8; ", whole);
        for (int piece = 1; piece < 40; piece++)
        {
            foreach (int most in new[] { 1, 2, 100 })
            {
                Assert.Equal(whole, InParts(Encoding.UTF8.GetBytes(Csv), piece, most));
                Assert.Equal(whole, InReads(Encoding.UTF8.GetBytes(Csv), piece, most));
            }
        }
    }

    [Fact]
    public void PiecesOfAnySizeFindTheSameErrors()
    {
        var random = new Random(11);
        int tables = 0, errors = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Csv);
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(bytes.Length);
                byte[] put = random.Next(3) == 0 ? [] : [(byte)"\",\r\n\0'(0-x"[random.Next(10)]];
                bytes = [.. bytes[..at], .. put, .. bytes[(at + random.Next(2))..]];
            }

            string whole = Whole(bytes);
            (tables, errors) = whole.Contains("error: ", StringComparison.Ordinal) ? (tables, errors + 1) : (tables + 1, errors);
            Assert.Equal(whole, InParts(bytes, random.Next(1, 30), random.Next(1, 6)));
        }

        Assert.True(tables > 300 && errors > 300, $"{tables} tables, {errors} errors");
    }

    [Fact]
    public void APartIsWhatTheSourceHasReady()
    {
        using var source = new PiecesOfText(["x,y\n1,", "2\n3,4\n5", ",6\n", "7,8"]);
        using var stream = TableStream.Open(TableFile.StandardInput, new TableOptions { Columns = ["x"], NumericColumns = ["x"] }, source, TestContext.Current.CancellationToken);
        var parts = new List<double[]>();
        while (stream.ReadPart(100, TestContext.Current.CancellationToken) is { } part)
        {
            using (part)
            {
                parts.Add(part.Parse(out _)!.NumericColumn("x").Values);
            }
        }

        Assert.Equal([[1, 3], [5], [7]], parts);
    }

    [Fact]
    public void ARowWithoutAnEndIsAnErrorBeforeMemoryIsFull()
    {
        using var source = new EndlessQuote();
        using var stream = TableStream.Open(TableFile.StandardInput, new TableOptions { Columns = ["x"], NumericColumns = ["x"] }, source, TestContext.Current.CancellationToken);
        stream.ReadPart(1, TestContext.Current.CancellationToken)!.Dispose();
        var error = Assert.Throws<InvalidDataException>(() => stream.ReadPart(1, TestContext.Current.CancellationToken));
        Assert.Equal("standard input: row 3: no end of the row within 64 MiB; is there a quote that is never closed?", error.Message);
    }

    private static string Whole(byte[] bytes) => Parts(bytes, bytes.Length, int.MaxValue, parsed: true);

    private static string InReads(byte[] bytes, int piece, int most) => Parts(bytes, piece, most, parsed: false);

    private static string InParts(byte[] bytes, int piece, int most) => Parts(bytes, piece, most, parsed: true);

    /// <summary>All rows with their numbers, then what went wrong.</summary>
    private static string Parts(byte[] bytes, int piece, int most, bool parsed)
    {
        var text = new StringBuilder();
        try
        {
            using var source = new PiecesOfText([.. bytes.Chunk(piece)]);
            using var stream = TableStream.Open(TableFile.StandardInput, _options, source, TestContext.Current.CancellationToken);
            if (!parsed)
            {
                while (stream.Read(most, TestContext.Current.CancellationToken) is { } table)
                {
                    Append(text, table);
                }

                return text.ToString();
            }

            while (stream.ReadPart(most, TestContext.Current.CancellationToken) is { } part)
            {
                using (part)
                {
                    Append(text, part.Parse(out InvalidDataException? problem));
                    if (problem is not null)
                    {
                        throw problem;
                    }
                }
            }
        }
        catch (InvalidDataException problem)
        {
            text.Append("error: ").Append(problem.Message);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Table? table)
    {
        for (int row = 0; row < table?.RowCount; row++)
        {
            text.Append($"{table.RowNumber(row)}: ").AppendJoin('|', table.Columns.Select(column => column is NumericColumn numbers
                ? numbers.Values[row].ToString(System.Globalization.CultureInfo.InvariantCulture)
                : ((TextColumn)column).Categories[((TextColumn)column).Codes[row]])).Append("; ");
        }
    }

    /// <summary>Gives one piece for each read.</summary>
    private sealed class PiecesOfText(byte[][] pieces) : MemoryStream
    {
        private int _next;
        private int _given;

        public PiecesOfText(string[] pieces)
            : this([.. pieces.Select(Encoding.UTF8.GetBytes)])
        {
        }

        public override int Read(Span<byte> buffer)
        {
            if (_next == pieces.Length)
            {
                return 0;
            }

            ReadOnlySpan<byte> left = pieces[_next].AsSpan(_given);
            int read = Math.Min(left.Length, buffer.Length);
            left[..read].CopyTo(buffer);
            (_next, _given) = read == left.Length ? (_next + 1, 0) : (_next, _given + read);
            return read;
        }
    }

    private sealed class EndlessQuote : MemoryStream
    {
        private int _given;

        public override int Read(Span<byte> buffer)
        {
            int read = Math.Min(buffer.Length, 1 << 20);
            buffer[..read].Fill((byte)'7');
            ReadOnlySpan<byte> start = "x\n1\n\""u8;
            for (int i = 0; i < read && _given + i < start.Length; i++)
            {
                buffer[i] = start[_given + i];
            }

            _given = Math.Min(_given + read, start.Length);
            return read;
        }
    }
}
