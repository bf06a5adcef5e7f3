using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void GroupByBinIsAStableSort()
    {
        foreach (int binCount in new[] { 1, 2, 7, 100 })
        {
            foreach (int rows in new[] { 0, 1, 2, 63, 64, 65, 256, 1000 })
            {
                CheckGroupByBin(SampleNumbers.Bins(rows, rows, binCount), binCount);
            }
        }
    }

    // Many rows are shared by threads, few bins by several counters of each.
    [Fact]
    public void GroupByBinOfManyRows()
    {
        foreach (int binCount in new[] { 1, 3, 100, 9_000, 30_000 })
        {
            CheckGroupByBin(SampleNumbers.Bins(binCount, 40_003, binCount), binCount);
        }

        CheckGroupByBin(new int[33_001], 5);
    }

    [Fact]
    public void GroupByBinWithEmptyBins()
    {
        CheckGroupByBin(SampleNumbers.Bins(1, 300, 9, empty: [0, 3, 4, 8]), 9);
        CheckGroupByBin([5, 5, 5], 9);
        CheckGroupByBin([8, 0, 8, 0], 9);
        CheckGroupByBin([], 9);
    }

    [Fact]
    public void GroupByBinGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<int> rows = operands.Output<int>(50_000), offsets = operands.Output<int>(101);
        backend.GroupByBin(operands.Input(SampleNumbers.Bins(1, 50_000, 100)), rows, offsets);
        bits.Add(rows.Read());
        bits.Add(offsets.Read());
    });

    private void CheckGroupByBin(int[] bins, int binCount)
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<int> rows = operands.Output<int>(bins.Length), offsets = operands.Output<int>(binCount + 1);
        Backend.GroupByBin(operands.Input(bins), rows, offsets);
        (int[] expectedRows, int[] expectedOffsets) = GroupByBinReference.Group(bins, binCount);
        Assert.Equal(expectedRows, rows.Read());
        Assert.Equal(expectedOffsets, offsets.Read());
        operands.CheckInputs();
    }
}
