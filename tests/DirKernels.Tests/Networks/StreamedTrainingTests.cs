using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Features;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class StreamedTrainingTests
{
    private static readonly TrainingSet _rows = SampleRun.Rows(1, 600, SampleNumbers.Uniform(5, 600, 0.5, 2), SampleNumbers.Uniform(6, 600, 0.5, 2));

    public static TheoryData<string> Kinds => ["plain", "normalized", "smoothed", "transport"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RowsThatFitIntoOneWindowTrainToTheBitsOfRowsInMemory(string kind)
    {
        TrainingOptions options = Options(kind) with { BlocksPerWindow = 100, HeadEpochs = kind == "transport" ? 0 : 2 };
        using TrainingRun resident = Run(kind, options, _rows);
        SampleRun.Finish(resident);
        foreach (int[] sizes in new int[][] { [600], [100, 0, 250, 1, 249], [.. Enumerable.Repeat(6, 100)] })
        {
            TrainingSet streamed = SampleBlocks.Of(_rows, sizes);
            using TrainingRun run = Run(kind, options, streamed);
            SampleRun.Finish(run);
            Assert.True(SampleRun.Bits(resident).FirstDifference(SampleRun.Bits(run)) < 0, $"{sizes.Length} blocks");

            // Read once, and not again for each epoch.
            Assert.Equal(Enumerable.Range(0, sizes.Length), ((SampleBlocks)streamed.Blocks!).Read);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheSameSeedGivesTheSameBitsForAnyNumberOfThreadsAndAfterRestoring(string kind)
    {
        TrainingOptions options = Options(kind) with { BlocksPerWindow = 3 };
        OutputBits? first = null;
        foreach (int threads in new[] { 1, 2, 8 })
        {
            using var backend = new CpuBackend(threads);
            using TrainingRun run = Run(kind, options, SampleBlocks.Of(_rows, 37), backend);
            var states = new List<TrainingState>();
            while (!run.IsFinished)
            {
                states.Add(run.Capture());
                run.RunEpoch(TestContext.Current.CancellationToken);
            }

            first ??= SampleRun.Bits(run);
            Assert.True(first.FirstDifference(SampleRun.Bits(run)) < 0, $"{threads} threads");
            foreach (TrainingState state in states)
            {
                run.Restore(state);
                SampleRun.Finish(run);
                Assert.True(first.FirstDifference(SampleRun.Bits(run)) < 0, $"{threads} threads, restored after epoch {state.CompletedEpochs}");
            }
        }

        using TrainingRun resident = Run(kind, options, _rows);
        SampleRun.Finish(resident);
        Assert.True(first!.FirstDifference(SampleRun.Bits(resident)) >= 0, "the order of the windows makes no difference: nothing is tested");
    }

    [Fact]
    public void AnEpochThatWasCutOffCanBeRepeated()
    {
        TrainingOptions options = Options("smoothed") with { BlocksPerWindow = 2 };
        using TrainingRun whole = Run("smoothed", options, SampleBlocks.Of(_rows, 50)), cut = Run("smoothed", options, SampleBlocks.Of(_rows, 50));
        SampleRun.Finish(whole);
        cut.RunEpoch(TestContext.Current.CancellationToken);
        TrainingState state = cut.Capture();
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.Throws<OperationCanceledException>(() => cut.RunEpoch(new CancellationToken(canceled: true)));
        }

        cut.Restore(state);
        SampleRun.Finish(cut);
        Assert.True(SampleRun.Bits(whole).FirstDifference(SampleRun.Bits(cut)) < 0);
    }

    [Fact]
    public void ABlockThatCannotBeReadStopsTheEpochAndSaysWhy()
    {
        TrainingSet rows = SampleBlocks.Of(_rows, 50);
        var blocks = (SampleBlocks)rows.Blocks!;
        blocks.Damaged = 7;
        using TrainingRun run = Run("plain", Options("plain") with { BlocksPerWindow = 2 }, rows);
        TrainingState start = run.Capture();
        Assert.Equal("block 7 is damaged", Assert.Throws<InvalidDataException>(() => run.RunEpoch(TestContext.Current.CancellationToken)).Message);

        blocks.Damaged = -1;
        run.Restore(start);
        SampleRun.Finish(run);
        using TrainingRun sound = Run("plain", Options("plain") with { BlocksPerWindow = 2 }, SampleBlocks.Of(_rows, 50));
        SampleRun.Finish(sound);
        Assert.True(SampleRun.Bits(sound).FirstDifference(SampleRun.Bits(run)) < 0);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void AnInputThatIsNotFiniteIsNamedByItsRowInTheSet(float value)
    {
        float[] inputs = [.. _rows.Inputs];
        inputs[321 * SampleRun.Inputs + 5] = value;
        using TrainingRun run = Run("plain", Options("plain") with { BlocksPerWindow = 2 }, new TrainingSet(new SampleBlocks(inputs, 200, 200, 200), _rows.Labels));
        string message = Assert.Throws<InvalidDataException>(() => run.RunEpoch(TestContext.Current.CancellationToken)).Message;
        Assert.Contains("row 321, column 5", message);
    }

    [Fact]
    public void ValidationRowsMayComeInBlocks()
    {
        TrainingSet validation = SampleRun.Rows(2, 100);
        using var resident = new TrainingRun(SampleRun.Shape(), _rows, validation, SampleRun.Bins, Options("plain"));
        using var streamed = new TrainingRun(SampleRun.Shape(), _rows, SampleBlocks.Of(validation, [30, 0, 65, 5]), SampleRun.Bins, Options("plain"));
        Assert.Equal(SampleRun.Finish(resident).Select(epoch => epoch.ValidationError), SampleRun.Finish(streamed).Select(epoch => epoch.ValidationError));
    }

    [Fact]
    public void WhatNeedsAllRowsAtOnceIsRefused()
    {
        TrainingSet rows = SampleBlocks.Of(_rows, 50);
        Assert.Contains("read in blocks", Assert.Throws<ArgumentException>(() => Run("plain", Options("plain") with { Batches = BatchOrder.Stratified }, rows)).Message);
        Assert.Contains("read in blocks", Assert.Throws<InvalidOperationException>(() => rows.Inputs).Message);
        Assert.Contains("599 rows", Assert.Throws<ArgumentException>(() => new TrainingSet(new SampleBlocks(_rows.Inputs, 599), _rows.Labels)).Message);
    }

    private static TrainingOptions Options(string kind) => new()
    {
        Epochs = 4,
        BatchSize = 32,
        Seed = 5,
        LearningRate = 1e-2,
        FeatureSmoothing = kind == "smoothed" ? SampleRun.FullSmoothing : null,
        Transport = kind == "transport" ? new TransportOptions() : null,
    };

    private static TrainingRun Run(string kind, TrainingOptions options, TrainingSet rows, CpuBackend? backend = null) =>
        SampleRun.Create(options, SampleRun.Shape(kind == "normalized", kind == "normalized" ? 0.2f : 0), rows, backend);
}
