using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Networks;
using DirKernels.Tests.Backends;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class RowWindowTests
{
    private static readonly TrainingSet _rows = SampleRun.Rows(1, 600, Enumerable.Range(0, 600).Select(i => 1 + i / 600f).ToArray());

    [Theory]
    [InlineData(50, 1, 32)]
    [InlineData(50, 5, 32)]
    [InlineData(37, 3, 256)]
    [InlineData(1, 7, 10)]
    [InlineData(1000, 1, 64)]
    public void EveryRowIsTrainedOnOnceAnEpochWithItsOwnLabelWeightAndBin(int rowsPerBlock, int blocksPerWindow, int batch)
    {
        using var backend = new CpuBackend(1);
        TargetScaling scaling = TargetScaling.Fit(_rows);
        TrainingSet set = SampleBlocks.Of(_rows, rowsPerBlock);
        var windows = new StreamedRows(backend, set, scaling, SampleRun.Bins, blocksPerWindow, seed: 3, epochs: 4);
        using var batches = new BatchSource(backend, windows, set, batch);
        var orders = new List<int[]>();
        for (int epoch = 0; epoch < 3; epoch++)
        {
            var order = new List<int>();
            batches.StartEpoch(epoch);
            while (batches.Next())
            {
                Assert.InRange(batches.BatchRows, 1, batch);
                batches.Gather(headStage: false);
                CheckBatch(backend, batches, scaling);
                order.AddRange(batches.RowNumbers);
            }

            Assert.Equal(Enumerable.Range(0, 600), order.Order());
            orders.Add([.. order]);
        }

        Assert.NotEqual(orders[0], orders[1]);
        Assert.NotEqual(orders[1], orders[2]);
    }

    [Theory]
    [InlineData(50, 5, 32)]
    [InlineData(37, 3, 256)]
    [InlineData(1000, 1, 64)]
    [InlineData(0, 0, 64)]
    public void GroupedBatchesHaveTheSameRowsBinAfterBin(int rowsPerBlock, int blocksPerWindow, int batch)
    {
        using var cpu = new CpuBackend(1);
        foreach (IBackend backend in new IBackend[] { cpu, new DeviceLikeBackend(cpu) })
        {
            List<int[]> random = Batches(backend, rowsPerBlock, blocksPerWindow, batch, 0), grouped = Batches(backend, rowsPerBlock, blocksPerWindow, batch, SampleRun.Bins.Count);

            // A stable sort: rows of a bin keep their order.
            int[] bins = _rows.BinsOfFirstTarget(SampleRun.Bins);
            Assert.Equal(random.Select(rows => rows.OrderBy(row => bins[row]).ToArray()), grouped);
            Assert.NotEqual(random, grouped);
        }
    }

    [Fact]
    public void EveryBlockIsReadOnceAnEpochAndNoneBehindTheLastEpoch()
    {
        using var backend = new CpuBackend(1);
        TrainingSet set = SampleBlocks.Of(_rows, 50);
        var windows = new StreamedRows(backend, set, TargetScaling.Fit(_rows), SampleRun.Bins, blocksPerWindow: 5, seed: 3, epochs: 3);
        using (var batches = new BatchSource(backend, windows, set, 64))
        {
            for (int epoch = 0; epoch < 3; epoch++)
            {
                batches.StartEpoch(epoch);
                while (batches.Next())
                {
                }
            }
        }

        int[] read = [.. ((SampleBlocks)set.Blocks!).Read];
        Assert.Equal(36, read.Length);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            int[] blocks = read[(12 * epoch)..(12 * epoch + 12)];
            Assert.Equal(Enumerable.Range(0, 12), blocks.Order());

            // Windows of four blocks, each read from front to back, but not the whole epoch.
            Assert.All(blocks.Chunk(4), window => Assert.Equal(window.Order(), window));
            Assert.NotEqual(blocks.Order(), blocks);
        }
    }

    [Fact]
    public void WindowsAreOfEqualSizeAndNeverLargerThanAsked()
    {
        for (int blocks = 1; blocks <= 40; blocks++)
        {
            for (int most = 1; most <= 45; most++)
            {
                var plan = new WindowPlan(blocks, most, seed: 1);
                int[] sizes = [.. Enumerable.Range(0, plan.Windows).Select(window => plan.BlocksOf(0, window).Length)];
                Assert.Equal(blocks, sizes.Sum());
                Assert.Equal(plan.LargestWindow, sizes.Max());
                Assert.True(sizes.Max() <= most && sizes.Max() - sizes.Min() <= 1, $"{blocks} blocks, at most {most}: {string.Join(" ", sizes)}");
            }
        }
    }

    // Row numbers of the batches of two epochs; no blocks for rows that are all there.
    private static List<int[]> Batches(IBackend backend, int rowsPerBlock, int blocksPerWindow, int batch, int groupedBins)
    {
        TargetScaling scaling = TargetScaling.Fit(_rows);
        TrainingSet set = rowsPerBlock == 0 ? _rows : SampleBlocks.Of(_rows, rowsPerBlock);
        IRowWindows windows = rowsPerBlock == 0
            ? new ResidentRows(backend, set, scaling, set.BinsOfFirstTarget(SampleRun.Bins), seed: 3, stratified: null)
            : new StreamedRows(backend, set, scaling, SampleRun.Bins, blocksPerWindow, seed: 3, epochs: 2);
        using var batches = new BatchSource(backend, windows, set, batch);
        var rows = new List<int[]>();
        for (int epoch = 0; epoch < 2; epoch++)
        {
            batches.StartEpoch(epoch, groupedBins);
            while (batches.Next())
            {
                batches.Gather(headStage: false);
                CheckBatch(backend, batches, scaling);
                rows.Add([.. batches.RowNumbers]);
            }
        }

        return rows;
    }

    private static void CheckBatch(IBackend backend, BatchSource batches, TargetScaling scaling)
    {
        ReadOnlySpan<int> numbers = batches.RowNumbers;
        float[] inputs = backend.Download(batches.Inputs), targets = backend.Download(batches.Targets), weights = backend.Download(batches.Weights);
        int[] bins = backend.Download(batches.Bins);
        for (int i = 0; i < numbers.Length; i++)
        {
            int row = numbers[i];
            Assert.Equal(_rows.Inputs[(row * SampleRun.Inputs)..((row + 1) * SampleRun.Inputs)], inputs[(i * SampleRun.Inputs)..((i + 1) * SampleRun.Inputs)]);
            Assert.Equal((float)((_rows.Labels[row] - scaling.Mean[0]) / scaling.Scale[0]), targets[i]);
            Assert.Equal(_rows.Weights![row], weights[i]);
            Assert.Equal(SampleRun.Bins.IndexOf(_rows.Labels[row]), bins[i]);
        }
    }
}
