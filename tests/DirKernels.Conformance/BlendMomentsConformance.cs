using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void BlendMomentsOfEveryKind()
    {
        foreach ((int dimensions, int blockSize) in _blocks)
        {
            foreach (int waiting in new[] { 0, 1, 17, 130, 400 })
            {
                foreach (int before in new[] { 0, 3, 200 })
                {
                    CheckBlend(new BinShape(7, dimensions, blockSize), before, waiting);
                }
            }
        }
    }

    [Fact]
    public void BlendMomentsOverwriteWhatTheyDoNotKeepAndLeaveBinsWithoutSamples()
    {
        var shape = new BinShape(3, 2, 2);
        float[] running = [.. Enumerable.Repeat(float.NaN, 12)];
        (float[] means, float[] covariances) = Blended(new BlendProblem(shape, [1, 3, 3, 5], [1, 1], [], []) { Running = running, Keep = 0 });
        Assert.Equal([float.NaN, float.NaN, 2, 4, float.NaN, float.NaN], means);

        // Differences of 2 in both dimensions: scatters of 2, taken with 1 / (n - 1) = 1; what is above the diagonal says nothing.
        Assert.Equal([float.NaN, 0, float.NaN, float.NaN, 2, 0, 2, 2, float.NaN, 0, float.NaN, float.NaN], LowerTriangles(covariances, shape));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void BlendMomentsOfWhichNothingIsTakenLeaveEveryBit(int blockSize)
    {
        // Momentum 1: not even what is not a number comes in, and a negative zero stays one.
        var shape = new BinShape(4, 5, blockSize);
        float[] features = WithNaN(SampleNumbers.Normal(3, 60 * 5), 7), running = [.. Enumerable.Repeat(-0f, 4 * 5 + 1)];
        var problem = new BlendProblem(shape, features, SampleNumbers.Bins(4, 60, 4), [], []) { Running = running, Keep = 1 };
        (float[] means, float[] covariances) = Blended(problem);
        Assert.All(means.Concat(covariances), value => Assert.Equal(BitConverter.SingleToInt32Bits(-0f), BitConverter.SingleToInt32Bits(value)));
    }

    [Fact]
    public void BlendMomentsKeepNaNInItsBin()
    {
        foreach (int blockSize in new[] { 1, 5 })
        {
            var shape = new BinShape(4, 5, blockSize);
            int[] bins = SampleNumbers.Bins(4, 60, 4);
            float[] features = WithNaN(SampleNumbers.Normal(3, 60 * 5), 5 * Array.IndexOf(bins, 2) + 3);
            (float[] means, float[] covariances) = Blended(new BlendProblem(shape, features, bins, [], []));
            Assert.Equal([2], means.Index().Where(m => float.IsNaN(m.Item)).Select(m => m.Index / 5).Distinct());
            Assert.Equal([2], covariances.Index().Where(c => float.IsNaN(c.Item)).Select(c => c.Index / (5 * blockSize)).Distinct());
        }
    }

    [Fact]
    public void BlendMomentsGiveTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach ((int dimensions, int blockSize) in new[] { (100, 1), (70, 16), (67, 67) })
        {
            foreach (int before in new[] { 0, 300 })
            {
                (float[] means, float[] covariances) = Blended(BlendProblem.Random(new BinShape(83, dimensions, blockSize), before, 1500), backend);
                bits.Add(means);
                bits.Add(covariances);
            }
        }
    });

    private void CheckBlend(BinShape shape, int before, int waiting)
    {
        BlendProblem problem = BlendProblem.Random(shape, before, waiting);
        (float[] means, float[] covariances) = Blended(problem);
        AccumulateMomentsReference epoch = problem.Epoch();
        BlendWeights weights = problem.Weights(epoch.Counts);
        string what = $"{shape}, {before} rows before {waiting}";
        int width = shape.Dimensions, covarianceWidth = shape.CovarianceWidth;
        double[] expected = BlendBinsReference.Blend(epoch.Means, weights.Keep, weights.Take, width, problem.RunningMeans);
        ErrorBound.Check(
            expected, means, i => 3 * U * (Math.Abs(weights.Keep[i / width] * problem.RunningMeans[i]) + Math.Abs(weights.Take[i / width] * epoch.Means[i])) + 1e-12, what + " means");

        // Roundings of the sum as for bins alone; those of the scatters as for moments alone.
        double largest = epoch.Magnitudes.DefaultIfEmpty().Max();
        expected = BlendBinsReference.Blend(epoch.Scatters, weights.Keep, weights.TakeScatter, covarianceWidth, problem.RunningCovariances);
        ErrorBound.Check(
            LowerTriangles(expected, shape),
            LowerTriangles(covariances, shape),
            i => 3 * U * (Math.Abs(weights.Keep[i / covarianceWidth] * problem.RunningCovariances[i]) + Math.Abs(weights.TakeScatter[i / covarianceWidth] * epoch.Scatters[i]))
                + weights.TakeScatter[i / covarianceWidth] * (1e-12 * (1 + largest) + SinglePrecisionBound(epoch.Scatters, i, shape)),
            what + " covariances");
        for (int b = 0; b < shape.Bins; b++)
        {
            if (epoch.Counts[b] == 0)
            {
                Assert.Equal(problem.RunningMeans.AsSpan(b * width, width), means.AsSpan(b * width, width));
                Assert.Equal(problem.RunningCovariances.AsSpan(b * covarianceWidth, covarianceWidth), covariances.AsSpan(b * covarianceWidth, covarianceWidth));
            }
        }
    }

    // Zeros above the diagonals of the blocks.
    private static T[] LowerTriangles<T>(T[] covariances, BinShape shape) =>
        [.. covariances.Select((value, i) => IsInLowerTriangle(i, shape) ? value : default!)];

    private static bool IsInLowerTriangle(int element, BinShape shape) =>
        element % shape.BlockSize <= element / shape.BlockSize % shape.Dimensions % shape.BlockSize;

    // The running statistics behind the epoch, whose moments must be forgotten.
    private (float[] Means, float[] Covariances) Blended(BlendProblem problem, IBackend? backend = null)
    {
        backend ??= Backend;
        BinShape shape = problem.Shape;
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<long> counts = operands.Updated(new long[shape.Bins]);
        GuardedBuffer<double> means = operands.Updated(new double[shape.Bins * shape.Dimensions]), scatters = operands.Updated(new double[shape.Bins * shape.CovarianceWidth]);
        GuardedBuffer<float> runningMeans = operands.Updated(problem.RunningMeans), runningCovariances = operands.Updated(problem.RunningCovariances);
        if (problem.BinsBefore.Length > 0)
        {
            (int[] rows, int[] offsets) = GroupByBinReference.Group(problem.BinsBefore, shape.Bins);
            backend.AccumulateMoments(operands.Input(problem.Before), operands.Input(rows), operands.Input(offsets), shape, counts, means, scatters);
        }

        DeviceView<float> features = default;
        DeviceView<int> order = default, starts = default;
        if (problem.BinsWaiting.Length > 0)
        {
            (int[] rows, int[] offsets) = GroupByBinReference.Group(problem.BinsWaiting, shape.Bins);
            (features, order, starts) = (operands.Input(problem.Waiting), operands.Input(rows), operands.Input(offsets));
        }

        backend.BlendMoments(
            features, order, starts, shape, counts, means, scatters, problem.Weights(problem.Epoch().Counts), new BinStatistics(runningMeans, runningCovariances));
        operands.CheckInputs();
        Assert.All(counts.Read(), count => Assert.Equal(0, count));
        Assert.All(means.Read(), mean => Assert.Equal(0, mean));
        Assert.All(scatters.Read(), scatter => Assert.Equal(0, scatter));
        return (runningMeans.Read(), runningCovariances.Read());
    }
}
