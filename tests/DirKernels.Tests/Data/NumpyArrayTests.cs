using System.Buffers.Binary;
using System.Text;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Tests.Data;

public sealed class NumpyArrayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ReadsAllVersions(byte version)
    {
        Table table = Read(File("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", Floats(1, 2, 3, 4, 5, 6.5f), version));
        Assert.Equal(["c0", "c1", "c2"], table.Columns.Select(column => column.Name));
        Assert.Equal([1, 4], table.NumericColumn("c0").Values);
        Assert.Equal([3, 6.5], table.NumericColumn("c2").Values);
        Assert.Equal(1, table.RowNumber(0));
    }

    [Fact]
    public void FortranOrderIsTransposed()
    {
        Table table = Read(File("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", Floats(1, 4, 2, 5, 3, 6)));
        Assert.Equal([1, 4], table.NumericColumn("c0").Values);
        Assert.Equal([3, 6], table.NumericColumn("c2").Values);
    }

    [Fact]
    public void ReadsAllElementTypes()
    {
        var f8 = new byte[16];
        BinaryPrimitives.WriteDoubleLittleEndian(f8, 0.1);
        BinaryPrimitives.WriteDoubleLittleEndian(f8.AsSpan(8), -1e300);
        Assert.Equal([0.1, -1e300], OneColumn("<f8", f8));
        Assert.Equal([-2, 7], OneColumn("<i4", [0xfe, 0xff, 0xff, 0xff, 7, 0, 0, 0]));
        Assert.Equal([-2, 7], OneColumn("<i8", [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal([255, 3], OneColumn("|u1", [255, 3]));
        Assert.Equal([1, 0], OneColumn("|b1", [1, 0]));
    }

    [Fact]
    public void NaNIsMissing()
    {
        byte[] file = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", Floats(1, 2, 3, float.NaN));
        Assert.Equal("a.npy: row 2, column 'c1': NaN is not a finite number", Assert.Throws<InvalidDataException>(() => Read(file)).Message);
        Assert.Equal([2, double.NaN], Read(file, new TableOptions { Missing = MissingValues.Median }).NumericColumn("c1").Values);
        file = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", Floats(1, float.PositiveInfinity));
        Assert.StartsWith("a.npy: row 2, column 'c0': ", Assert.Throws<InvalidDataException>(() => Read(file, new TableOptions { Missing = MissingValues.Median })).Message);
    }

    [Fact]
    public void SelectsColumns()
    {
        byte[] file = File("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }", Floats(1, float.NaN, 3));
        Assert.Equal([3], Read(file, new TableOptions { Columns = ["c2"] }).NumericColumn("c2").Values);
        Assert.Throws<InvalidDataException>(() => Read(file, new TableOptions { Columns = ["c3"] }));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", "a.npy: the array is cut off")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000), }", "a.npy: the array is cut off")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", "a.npy: there is more data")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 99999999), }", "a.npy: the array has shape (1, 99999999); at most")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 1), }", "a.npy: the array has shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }", "a.npy: the NumPy header has shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }", "a.npy: the NumPy header has shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }", "a.npy: the array has shape (0, 4); there are no values")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "a.npy: the array has shape ()")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 2), }", "a.npy: the array has shape (1, 2, 2)")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }", "a.npy: element type '>f4' is not supported")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", "a.npy: element type '|O' is not supported")]
    [InlineData("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 2), }", "a.npy: element type")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 2), }", "a.npy: the NumPy header has fortran_order Maybe")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "a.npy: the NumPy header has no valid 'shape'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2", "a.npy: the NumPy header has no valid 'shape'")]
    [InlineData("", "a.npy: the NumPy header has no valid 'descr'")]
    public void RefusesHostileHeaders(string header, string message)
    {
        byte[] file = File(header, Floats(1, 2, 3, 4));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => Read(file)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void RefusesCutOffAndForeignFiles()
    {
        byte[] file = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", Floats(1, 2, 3, 4));
        for (int length = 0; length < file.Length; length++)
        {
            Assert.StartsWith("a.npy: ", Assert.Throws<InvalidDataException>(() => Read(file[..length])).Message);
        }

        byte[] longHeader = [0x93, .. "NUMPY"u8, 2, 0, 0xff, 0xff, 0xff, 0xff];
        Assert.Contains("claims 4294967295 bytes", Assert.Throws<InvalidDataException>(() => Read(longHeader)).Message);
        byte[] newer = [0x93, .. "NUMPY"u8, 9, 0, 0, 0];
        Assert.Contains("version 9", Assert.Throws<InvalidDataException>(() => Read(newer)).Message);
    }

    [Fact]
    public void TableFileTellsArraysByContent()
    {
        byte[] file = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", Floats(1, 2));
        using var stream = new MemoryStream(file);
        Assert.Equal([1, 2], TableFile.Read("-", null, stream, TestContext.Current.CancellationToken).NumericColumn("c0").Values);
        using var text = new MemoryStream("y\n1\n"u8.ToArray());
        Assert.Equal("x.npy: this is not a NumPy array file", Assert.Throws<InvalidDataException>(() => TableFile.Read(text, "x.npy", cancellation: TestContext.Current.CancellationToken)).Message);
    }

    private static double[] OneColumn(string type, byte[] values) =>
        Read(File($"{{'descr': '{type}', 'fortran_order': False, 'shape': (2,), }}", values)).NumericColumn("c0").Values;

    private static Table Read(byte[] file, TableOptions? options = null)
    {
        using var stream = new MemoryStream(file);
        return NumpyArray.Read(stream, "a.npy", options, TestContext.Current.CancellationToken);
    }

    private static byte[] File(string header, byte[] values, byte version = 1)
    {
        byte[] text = Encoding.UTF8.GetBytes(header + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)] : [(byte)text.Length, (byte)(text.Length >> 8), 0, 0];
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. values];
    }

    private static byte[] Floats(params float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
