using System.Buffers.Binary;
using DirKernels.Data;
using DirKernels.Exchange;
using Xunit;

namespace DirKernels.Tests.Data;

/// <summary>Whatever the bytes, reading a data file gives a table or one line that starts with the name of the file, in memory bounded by the file.</summary>
public sealed class DamagedDataFileTests : IDisposable
{
    private const int Files = 4000;
    private const int EndLength = 24;

    private readonly SampleDataFile _sample = new();
    private readonly byte[] _sound;

    public DamagedDataFileTests()
    {
        var random = new Random(4);
        _sound = SampleDataFile.Bytes(
            new Table("t",
            [
                new NumericColumn("x", [.. Enumerable.Range(0, 60).Select(_ => random.NextDouble())]),
                new NumericColumn("n", [.. Enumerable.Range(0, 60).Select(row => (double)row)]),
                new TextColumn("t", [.. Enumerable.Range(0, 60).Select(row => row % 3)], ["a", "b", "c"]),
                new NumericColumn("d", [.. Enumerable.Range(0, 60).Select(row => row % 7 == 6 ? double.NaN : row / 100.0)]),
                new NumericColumn("y", [.. Enumerable.Range(0, 60).Select(row => row * 100.0)]),
            ]),
            20);
    }

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void EverySingleChangedByteIsNoticed()
    {
        for (int at = 0; at < _sound.Length; at++)
        {
            byte[] bytes = [.. _sound];
            bytes[at] ^= 0x10;
            if (at is >= 12 and < 16)
            {
                continue; // unused
            }

            Assert.Contains("t.dirk-data: ", Fails(bytes));
        }
    }

    [Fact]
    public void FilesThatAreCutOffAreRefused()
    {
        for (int length = 0; length < _sound.Length; length += length < 100 ? 1 : 13)
        {
            Fails(_sound[..length]);
        }

        Assert.Contains("schema 3, but this version knows 1 to 2 only", Fails([.. _sound[..8], 3, .. _sound[9..]]));
        Assert.Contains("schema 0, but", Fails([.. _sound[..8], 0, .. _sound[9..]]));
        Assert.Contains("this is a folder", Assert.Throws<InvalidDataException>(() => DataFile.Open(_sample.Folder)).Message);
        Assert.Throws<FileNotFoundException>(() => DataFile.Open(_sample.Path + "x"));
        using var stream = new MemoryStream(_sound);
        Assert.Contains("standard: a data file can only be read by its name", Assert.Throws<InvalidDataException>(() => TableFile.Read(stream, "standard", cancellation: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void ChangedDescriptionsWithARightChecksumGiveTablesOrErrors()
    {
        var random = new Random(6);
        int tables = 0, errors = 0;
        for (int trial = 0; trial < Files; trial++)
        {
            byte[] bytes = Resealed(random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Table table = Read(bytes);
                Assert.True(table.RowCount > 0);
                tables++;
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith(_sample.Path, error.Message);
                Assert.True(error.Message.Length < _sample.Path.Length + 300, error.Message);
                errors++;
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < (4 << 20), "memory of a file of 3 KB");
        }

        Assert.True(tables > 50 && errors > 1000, $"{tables} tables, {errors} errors");
    }

    [Fact]
    public void BlocksThatClaimTheSameBytesAreRefused()
    {
        byte[] bytes = [.. _sound];
        int footer = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(bytes.Length - EndLength));
        int index = footer + 4 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(footer)), entry = 12 + 5 * 5;
        bytes.AsSpan(index, 8).CopyTo(bytes.AsSpan(index + entry)); // the second block says that it lies where the first one does
        Seal(bytes, footer);
        Assert.Contains("block 1 does not lie where it should", Fails(bytes));
    }

    private static void Seal(byte[] bytes, int footer) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - EndLength + 8), Crc32C.Of(bytes.AsSpan(footer, bytes.Length - EndLength - footer)));

    /// <summary>A file whose description was changed in some places and whose checksum is right again.</summary>
    private byte[] Resealed(Random random)
    {
        byte[] bytes = [.. _sound];
        int footer = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(bytes.Length - EndLength));
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(footer, bytes.Length - EndLength);
            bytes[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                _ => (byte)"0129\"{}[],:-enx"[random.Next(15)],
            };
        }

        Seal(bytes, footer);
        return bytes;
    }

    private string Fails(byte[] bytes) => Assert.Throws<InvalidDataException>(() => TableFile.Read(_sample.Write(bytes))).Message;

    private Table Read(byte[] bytes) => TableFile.Read(_sample.Write(bytes), new TableOptions { Missing = MissingValues.Median });
}
