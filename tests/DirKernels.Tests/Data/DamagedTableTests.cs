using System.Text;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

/// <summary>Whatever the bytes, reading gives a table or one-line <see cref="InvalidDataException"/> that starts with the name of the source.</summary>
public sealed class DamagedTableTests
{
    private static readonly byte[] _csv = Encoding.UTF8.GetBytes("\uFEFFx,\"na\"\"me\",y\r\n1.5,\"a,b\",3\r\n-2e3,\"two\nlines\",4\n7,é,5\n,NA,6\n");

    private static readonly byte[] _array =
        [0x93, .. "NUMPY"u8, 1, 0, 60, 0, .. "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"u8, .. new byte[24]];

    [Fact]
    public void MutatedFilesGiveTablesOrErrors()
    {
        var random = new Random(5);
        int tables = 0, errors = 0;
        for (int trial = 0; trial < 4000; trial++)
        {
            byte[] bytes = [.. trial % 2 == 0 ? _csv : _array];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(bytes.Length);
                bytes = random.Next(4) switch
                {
                    0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                    1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                    2 => [.. bytes[..at], (byte)"\",\r\n\0'(0-"[random.Next(9)], .. bytes[(at + 1)..]],
                    _ => at > 0 && random.Next(8) == 0 ? bytes[..at] : bytes,
                };
            }

            try
            {
                using var stream = new MemoryStream(bytes);
                Table table = TableFile.Read(stream, "damaged", new TableOptions { Missing = MissingValues.Median }, TestContext.Current.CancellationToken);
                Assert.True(table.RowCount > 0);
                tables++;
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith("damaged: ", error.Message);
                Assert.DoesNotContain('\n', error.Message);
                errors++;
            }
        }

        Assert.True(tables > 100 && errors > 100, $"{tables} tables, {errors} errors");
    }

    [Fact]
    public void OtherUnicodeEncodingsAreReadByTheirMark()
    {
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            using var stream = new MemoryStream([.. encoding.GetPreamble(), .. encoding.GetBytes("é,y\nü,2\n")]);
            Table table = TableFile.Read(stream, "wide.csv", cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(["ü"], Assert.IsType<TextColumn>(table.Column("é")).Categories);
        }
    }
}
