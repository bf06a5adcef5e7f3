using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>Rows are counted and placed by address: a bin that does not exist must be refused before.</summary>
public sealed class GroupByBinErrorTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void ABinThatDoesNotExistIsNamed(int bin)
    {
        using var backend = new CpuBackend(2);
        foreach (int rows in new[] { 3, 50, 40_000 })
        {
            var labels = new int[rows];
            labels[rows - 2] = bin;
            int[] untouched = [.. Enumerable.Repeat(-5, rows)];
            using DeviceBuffer<int> bins = backend.Upload(labels), order = backend.Upload(untouched), offsets = backend.Allocate<int>(8);
            var error = Assert.Throws<ArgumentException>(() => backend.GroupByBin(bins, order, offsets));
            Assert.Contains($"Row {rows - 2} is in bin {bin} of 7", error.Message, StringComparison.Ordinal);
            Assert.Equal(untouched, backend.Download(order));
        }
    }

    [Fact]
    public void TooLittleRoomIsRefused()
    {
        using var backend = new CpuBackend(1);
        using DeviceBuffer<int> bins = backend.Upload(new int[5]), order = backend.Upload(new int[5]), offsets = backend.Allocate<int>(3);
        var error = Assert.Throws<ArgumentException>(() => backend.GroupByBin(bins, order.Slice(0, 4), offsets));
        Assert.Contains("5 rows with a bin are to be grouped into 4, with 3 offsets", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => backend.GroupByBin(bins, order, offsets.Slice(0, 0)));
    }
}
