using DirKernels.Conformance;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class StratifiedOrderTests
{
    [Theory]
    [InlineData(1000, 64)]
    [InlineData(1000, 7)]
    [InlineData(333, 256)]
    [InlineData(1, 1)]
    public void EveryBatchHasItsShareOfEachBin(int rows, int batch)
    {
        int[] bins = SampleNumbers.Bins(1, rows, 12, 5), order = new int[rows];
        var stratified = new StratifiedOrder(bins, 12);
        for (ulong stream = 0; stream < 5; stream++)
        {
            stratified.Fill(stream, order);
            Assert.Equal(Enumerable.Range(0, rows), order.Order());
            int[] counts = [.. Enumerable.Range(0, 12).Select(b => bins.Count(bin => bin == b))];
            for (int start = 0; start < rows; start += batch)
            {
                int[] part = order[start..Math.Min(rows, start + batch)];
                for (int b = 0; b < 12; b++)
                {
                    // Both ends of a stretch lie within one row of each of the 11 filled bins of where their shares would end.
                    double share = (double)counts[b] * part.Length / rows, slack = 1 + 11.0 * counts[b] / rows;
                    Assert.InRange(part.Count(row => bins[row] == b), share - slack, share + slack);
                }
            }
        }
    }

    [Fact]
    public void OrdersAreAFunctionOfTheStreamAndAllocateNothing()
    {
        int[] bins = SampleNumbers.Bins(1, 500, 12), a = new int[500], b = new int[500];
        var stratified = new StratifiedOrder(bins, 12);
        stratified.Fill(3, a);
        stratified.Fill(4, b);
        Assert.NotEqual(a, b);
        stratified.Fill(3, b);
        Assert.Equal(a, b);
        Assert.Equal(0, AllocatedBytes.Smallest(() => stratified.Fill(3, b)));

        // Within a bin the order is shuffled as well.
        int[] common = [.. a.Where(row => bins[row] == 0)];
        Assert.NotEqual(common.Order(), common);
    }

    [Fact]
    public void TheLossOfBatchesVariesLess()
    {
        // The spread of batch means of the labels themselves, which is what a loss starts from.
        TrainingSet rows = SampleRun.Rows(1, 2000);
        int[] bins = SampleRun.Bins.Assign(rows.Labels), stratified = new int[2000], shuffled = [.. Enumerable.Range(0, 2000)];
        new StratifiedOrder(bins, SampleRun.Bins.Count).Fill(5, stratified);
        CounterRandom.Shuffle(5, shuffled);
        double Spread(int[] order)
        {
            double[] means = [.. order.Chunk(50).Select(batch => batch.Average(row => rows.Labels[row]))];
            return means.Average(mean => Math.Pow(mean - means.Average(), 2));
        }

        Assert.True(Spread(stratified) < 0.3 * Spread(shuffled), $"{Spread(stratified)} against {Spread(shuffled)}");
    }
}
