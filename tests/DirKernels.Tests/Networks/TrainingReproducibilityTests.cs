using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class TrainingReproducibilityTests
{
    [Theory]
    [InlineData(false, 0f, false)]
    [InlineData(true, 0f, false)]
    [InlineData(false, 0.2f, false)]
    [InlineData(false, 0f, true)]
    [InlineData(true, 0.2f, true)]
    public void TheSameSeedGivesTheSameBitsForAnyNumberOfThreads(bool normalized, float dropout, bool smoothed)
    {
        // 600 rows through 128 x 64: products of 256 * 128 * 64 multiply-adds are shared, and so are activations, moments and maps.
        TrainingSet rows = SampleRun.Rows(1, 600, SampleNumbers.Uniform(5, 600, 0.5, 2));
        var options = new TrainingOptions { Epochs = 4, Seed = 11, HeadEpochs = 1, FeatureSmoothing = smoothed ? SampleRun.FullSmoothing : null };
        OutputBits? first = null;
        float[]? best = null;
        foreach (int threads in new[] { 1, 2, 8, 2 })
        {
            using var backend = new CpuBackend(threads);
            using TrainingRun run = SampleRun.Create(options, SampleRun.Shape(normalized, dropout, 128, 64), rows, backend);
            SampleRun.Finish(run);
            first ??= SampleRun.Bits(run);
            Assert.True(first.FirstDifference(SampleRun.Bits(run)) < 0, $"{threads} threads");
            using RegressionModel model = run.BestModel();
            float[] parameters = new float[model.Network.Parameters.Length];
            backend.CopyOut<float>(model.Network.Parameters, parameters);
            best ??= parameters;
            Assert.Equal(best, parameters);
        }
    }

    /// <summary>Several batches go through the network at once, as many as features are kept of: batches that fill what is kept exactly, that do not, and such as are too large to be kept.</summary>
    [Theory]
    [InlineData(128)]
    [InlineData(1024)]
    [InlineData(1000)]
    [InlineData(16384)]
    [InlineData(17000)]
    public void BatchesOfAnySizeFillWhatIsKeptOfFeatures(int batchSize)
    {
        TrainingSet rows = SampleRun.Rows(1, 17_500);
        var options = new TrainingOptions { Epochs = 2, Seed = 5, BatchSize = batchSize, FeatureSmoothing = SampleRun.FullSmoothing };
        OutputBits? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var backend = new CpuBackend(threads);
            using TrainingRun run = SampleRun.Create(options, SampleRun.Shape(hidden: [16, 64]), rows, backend);
            EpochResult last = SampleRun.Finish(run)[^1];
            Assert.Equal(17_500, last.Features!.EpochCounts.Sum());
            first ??= SampleRun.Bits(run);
            Assert.True(first.FirstDifference(SampleRun.Bits(run)) < 0, $"{threads} threads");
        }
    }

    [Fact]
    public void AnotherSeedGivesAnotherRun()
    {
        using TrainingRun a = SampleRun.Create(new TrainingOptions { Epochs = 1, Seed = 1 }), b = SampleRun.Create(new TrainingOptions { Epochs = 1, Seed = 2 });
        SampleRun.Finish(a);
        SampleRun.Finish(b);
        Assert.True(SampleRun.Bits(a).FirstDifference(SampleRun.Bits(b)) >= 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void ARestoredRunContinuesToTheSameBits(int patience)
    {
        TrainingSet rows = SampleRun.Rows(1, 200, null, SampleNumbers.Uniform(5, 200, 0.5, 2));
        var options = new TrainingOptions
        {
            Epochs = 6,
            HeadEpochs = 3,
            BatchSize = 64,
            LearningRate = 2e-2,
            Patience = patience,
            Seed = 3,
            FeatureSmoothing = SampleRun.FullSmoothing,
        };
        NetworkShape shape = SampleRun.Shape(normalized: true, dropout: 0.2f);
        var states = new List<TrainingState>();
        using TrainingRun whole = SampleRun.Create(options, shape, rows);
        states.Add(whole.Capture());
        while (!whole.IsFinished)
        {
            whole.RunEpoch(TestContext.Current.CancellationToken);
            states.Add(whole.Capture());
        }

        OutputBits expected = SampleRun.Bits(whole);
        foreach (TrainingState state in states)
        {
            using TrainingRun continued = SampleRun.Create(options, shape, rows);
            continued.RunEpoch(TestContext.Current.CancellationToken); // whatever happened before is forgotten
            continued.Restore(state);
            SampleRun.Finish(continued);
            Assert.True(expected.FirstDifference(SampleRun.Bits(continued)) < 0, $"restored after epoch {state.CompletedEpochs}");
        }
    }

    [Fact]
    public void ACancelledEpochCanBeRestoredAndRepeated()
    {
        var options = new TrainingOptions { Epochs = 3, BatchSize = 32, FeatureSmoothing = SampleRun.FullSmoothing };
        using TrainingRun whole = SampleRun.Create(options), cancelled = SampleRun.Create(options);
        SampleRun.Finish(whole);
        cancelled.RunEpoch(TestContext.Current.CancellationToken);
        TrainingState state = cancelled.Capture();
        Assert.Throws<OperationCanceledException>(() => cancelled.RunEpoch(new CancellationToken(canceled: true)));
        cancelled.Restore(state);
        SampleRun.Finish(cancelled);
        Assert.True(SampleRun.Bits(whole).FirstDifference(SampleRun.Bits(cancelled)) < 0);
    }

    [Fact]
    public void AStateOfAnotherNetworkIsRefused()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions()), wider = SampleRun.Create(new TrainingOptions(), SampleRun.Shape(hidden: [33, 16]));
        using TrainingRun smoothed = SampleRun.Create(new TrainingOptions { FeatureSmoothing = SampleRun.FullSmoothing });
        string message = Assert.Throws<InvalidDataException>(() => run.Restore(wider.Capture())).Message;
        Assert.Contains($"{wider.Capture().Parameters.Length} parameters", message);
        Assert.Contains($"{run.Capture().Parameters.Length}", message);
        Assert.Contains("feature statistics", Assert.Throws<InvalidDataException>(() => run.Restore(smoothed.Capture())).Message);
    }
}
