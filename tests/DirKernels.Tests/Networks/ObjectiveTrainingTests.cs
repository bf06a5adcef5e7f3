using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Networks;
using DirKernels.Objectives;
using DirKernels.Tests.Backends;
using Xunit;

namespace DirKernels.Tests.Networks;

/// <summary>Runs with losses of whole batches: reproducible, restorable, on any backend, without allocation.</summary>
public sealed class ObjectiveTrainingTests
{
    private static readonly Dictionary<string, TrainingOptions> _objectives = new()
    {
        ["bmc"] = new TrainingOptions { BalancedMse = new BalancedMseOptions { LearnsSigma = true } },
        ["bni"] = new TrainingOptions
        {
            BalancedMse = new BalancedMseOptions { Kind = BalancedMseKind.BinNumericalIntegration, FrequencyWindow = SmoothingKernel.Default },
        },
        ["gai"] = new TrainingOptions { BalancedMse = new BalancedMseOptions { Kind = BalancedMseKind.GaussianAnalyticIntegration, LearnsSigma = true } },
    };

    public static TheoryData<string> Names => [.. _objectives.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSameSeedGivesTheSameBitsForAnyNumberOfThreadsAndOnDevices(string name)
    {
        TrainingSet rows = SampleRun.Rows(1, 600, SampleNumbers.Uniform(5, 600, 0.5, 2));
        OutputBits? first = null;
        foreach ((int threads, bool device) in new[] { (1, false), (2, false), (8, false), (2, true) })
        {
            using var cpu = new CpuBackend(threads);
            IBackend backend = device ? new DeviceLikeBackend(cpu) : cpu;
            using TrainingRun run = SampleRun.Create(Options(name) with { Epochs = 3, HeadEpochs = 1 }, ShapeOf(name), rows, backend);
            SampleRun.Finish(run);
            first ??= SampleRun.Bits(run);
            Assert.True(first.FirstDifference(SampleRun.Bits(run)) < 0, $"{threads} threads, {(device ? "device" : "CPU")}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ARestoredRunContinuesToTheSameBitsAlsoThroughAFile(string name)
    {
        TrainingOptions options = Options(name) with { Epochs = 4, HeadEpochs = 2, BatchSize = 64, LearningRate = 1e-2 };
        using TrainingRun whole = SampleRun.Create(options, ShapeOf(name));
        var states = new List<TrainingState>();
        while (!whole.IsFinished)
        {
            whole.RunEpoch(TestContext.Current.CancellationToken);
            using var stream = new MemoryStream();
            ModelFile.Write(stream, ModelSnapshot.Capture(whole, SampleRun.Bins, new double[10], withCheckpoint: true));
            stream.Position = 0;
            states.Add(ModelFile.Read(stream).Checkpoint!);
        }

        foreach (TrainingState state in states)
        {
            using TrainingRun continued = SampleRun.Create(options, ShapeOf(name));
            continued.RunEpoch(TestContext.Current.CancellationToken);
            continued.Restore(state);
            SampleRun.Finish(continued);
            Assert.True(SampleRun.Bits(whole).FirstDifference(SampleRun.Bits(continued)) < 0, $"restored after epoch {state.CompletedEpochs}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void StepsAllocateNothing(string name)
    {
        long Allocated(int batchSize)
        {
            using var backend = new CpuBackend(1);
            using TrainingRun run = SampleRun.Create(Options(name) with { Epochs = 100, BatchSize = batchSize }, ShapeOf(name), SampleRun.Rows(1, 192), backend);
            return AllocatedBytes.Smallest(() => run.RunEpoch(TestContext.Current.CancellationToken));
        }

        // 3 steps and 24 steps.
        Assert.Equal(Allocated(64), Allocated(8));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TrainingLearns(string name)
    {
        TrainingSet rows = SampleRun.Rows(1, 1000);
        using TrainingRun run = SampleRun.Create(Options(name) with { Epochs = 40, BatchSize = 64, LearningRate = 3e-3 }, ShapeOf(name), rows);
        List<EpochResult> results = SampleRun.Finish(run);
        double mean = rows.Labels.Average(), constant = SampleRun.Rows(2, 100).Labels.Average(y => Math.Abs(y - mean));
        Assert.True(run.BestError < 0.75 * constant, $"error {run.BestError}, that of a constant {constant}");
        Assert.True(results[^1].Loss < results[0].Loss);
    }

    [Fact]
    public void AStateOfAnotherLossIsRefused()
    {
        using TrainingRun learnt = SampleRun.Create(Options("bmc")), plain = SampleRun.Create(new TrainingOptions());
        Assert.Contains("4 numbers", Assert.Throws<InvalidDataException>(() => plain.Restore(learnt.Capture())).Message);
        Assert.Contains("0 numbers", Assert.Throws<InvalidDataException>(() => learnt.Restore(plain.Capture())).Message);
    }

    [Fact]
    public void SeveralTargetsAreRefused()
    {
        var set = new TrainingSet(new float[8], [1, 2, 3, 4, 5, 6, 7, 8], targets: 2);
        var shape = new NetworkShape { Inputs = 2, Hidden = [4], Targets = 2 };
        Assert.Contains("one target, but there are 2", Assert.Throws<ArgumentException>(
            () => new TrainingRun(shape, set, set, SampleRun.Bins, Options("bmc"))).Message);
    }

    private static TrainingOptions Options(string name) => _objectives[name] with { Seed = 11 };

    private static NetworkShape ShapeOf(string name) => SampleRun.Shape(hidden: [128, 64]);
}
