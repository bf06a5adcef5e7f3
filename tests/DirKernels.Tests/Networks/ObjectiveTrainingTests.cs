using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Features;
using DirKernels.Networks;
using DirKernels.Objectives;
using DirKernels.Tests.Backends;
using Xunit;
using static DirKernels.Tests.Networks.ObjectiveSample;

namespace DirKernels.Tests.Networks;

/// <summary>Runs with losses of whole batches: reproducible, restorable, on any backend, without allocation.</summary>
public sealed class ObjectiveTrainingTests
{
    public static TheoryData<string> Names => [.. ObjectiveSample.Names];

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
        using TrainingRun moving = SampleRun.Create(Options("transport"));
        Assert.Contains("means for transport, but this run moves nothing", Assert.Throws<InvalidDataException>(() => plain.Restore(moving.Capture())).Message);
        Assert.Contains("no means for transport", Assert.Throws<InvalidDataException>(() => moving.Restore(plain.Capture())).Message);
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

    /// <summary>One step of gradient descent over all rows is the gradient of all parameters: through the head, calibration aside, and through the features.</summary>
    [Theory]
    [InlineData("bmc")]
    [InlineData("gai")]
    [InlineData("rnc")]
    [InlineData("vote of 3")]
    public void AStepFollowsTheSlopesOfTheWholeLoss(string name)
    {
        const int Count = 40;
        const float Rate = 1f / 64;
        TrainingSet rows = SampleRun.Rows(1, Count, SampleNumbers.Uniform(5, Count, 0.5, 2));
        TrainingOptions options = Options(name) with
        {
            Epochs = 1,
            BatchSize = Count,
            Optimizer = OptimizerKind.Sgd,
            Beta1 = 0,
            LearningRate = Rate,
            Schedule = LearningRateSchedule.Constant,
        };
        var shape = new NetworkShape { Inputs = SampleRun.Inputs, Hidden = [6, 5], Activation = Activation.Tanh, Head = HeadOf(name) };
        using TrainingRun run = SampleRun.Create(options, shape, rows);
        float[] before = run.Capture().Parameters;
        double loss = run.RunEpoch(TestContext.Current.CancellationToken).Loss;
        float[] after = run.Capture().Parameters;

        TargetScaling scaling = TargetScaling.Fit(rows);
        float[] targets = scaling.Standardize(rows.Labels);
        double[] t = [.. targets], w = [.. rows.Weights!];
        LabelPrior mixture = GaussianMixture.Fit(rows.Labels).Standardized(scaling.Mean[0], scaling.Scale[0]);
        var gai = new BalancedMseReference("gai", [.. mixture.Centres], [.. mixture.Weights], [.. mixture.Variances!]);
        int[] labelBins = SampleRun.Bins.Assign(rows.Labels);
        double[][] votes = [.. new[] { 0, 0.5, 1 }.Select(power => VoteWeights(labelBins, power))];
        var bmc = new BalancedMseReference("bmc", null, null, null);
        var reference = new NetworkLossReference(shape, new ParameterLayout(shape), rows.Inputs, targets, rows.Weights, options.Loss)
        {
            Objective = (prediction, features) => name switch
            {
                "bmc" => bmc.Loss(prediction, t, w, 0.3, 0.3),
                "vote of 3" => LikelihoodReference.Loss(false, prediction, t, (i, k) => w[i] * votes[k][labelBins[i]]),
                "gai" => gai.Loss(prediction, t, w, 0.3, 0.3),
                _ => prediction.Select((p, i) => w[i] * (p - t[i]) * (p - t[i])).Average() + RankNContrastReference.Loss(features, t, 2),
            },
        };
        double[] exact = [.. before], slopes = reference.Slopes(exact, 1e-5);
        Assert.Equal(reference.Loss(exact), loss, 1e-5 * (1 + Math.Abs(loss)));

        // What is left of a parameter below 1 after rounding, over the rate: 2^-24 * 64 = 4e-6; and 200 u of the gradient as in NetworkGradientTests.
        double tolerance = 4e-6 + 200 * ErrorBound.Unit * slopes.Max(Math.Abs);
        Assert.True(slopes.Max(Math.Abs) > 0.01);
        for (int k = 0; k < slopes.Length; k++)
        {
            Assert.Equal(slopes[k], ((double)before[k] - after[k]) / Rate, tolerance);
        }
    }

    /// <summary>The loss of the second epoch is that of the features and labels that were moved, by parameters that have not moved.</summary>
    [Fact]
    public void TransportMovesTheRowsOfTheSecondEpoch()
    {
        const int Count = 200;
        TrainingSet rows = SampleRun.Rows(1, Count);
        var shape = new NetworkShape { Inputs = SampleRun.Inputs, Hidden = [6, 5], Activation = Activation.Tanh };
        TrainingOptions options = Options("transport") with
        {
            Loss = RegressionLoss.Mse,
            Epochs = 2,
            BatchSize = 64,
            Optimizer = OptimizerKind.Sgd,
            Beta1 = 0,
            LearningRate = 1e-30,
            Schedule = LearningRateSchedule.Constant,
        };
        using TrainingRun run = SampleRun.Create(options, shape, rows);
        double still = run.RunEpoch(TestContext.Current.CancellationToken).Loss, moved = run.RunEpoch(TestContext.Current.CancellationToken).Loss;

        TargetScaling scaling = TargetScaling.Fit(rows);
        float[] targets = scaling.Standardize(rows.Labels);
        double[] exact = [.. run.Capture().Parameters];
        int[] bins = SampleRun.Bins.Assign(rows.Labels), destinations = new int[Count];
        var plain = new NetworkLossReference(shape, new ParameterLayout(shape), rows.Inputs, targets, null, options.Loss);
        Assert.Equal(plain.Loss(exact), still, 1e-5);

        float[] features = [.. plain.Features(exact).Select(x => (float)x)], movedFeatures = new float[features.Length];
        double[] residuals = new double[Count];
        _ = new NetworkLossReference(shape, new ParameterLayout(shape), rows.Inputs, targets, null, options.Loss)
        {
            Objective = (prediction, _) =>
            {
                prediction.Select((p, i) => p - targets[i]).ToArray().CopyTo(residuals, 0);
                return 0;
            },
        }.Loss(exact);
        double mean = residuals.Average(), deviation = Math.Sqrt(residuals.Average(r => (r - mean) * (r - mean)));
        var transport = new FeatureTransport(5, rows.Labels, SampleRun.Bins, options.Transport!, options.Seed);
        using var moments = new FeatureMoments(5, 10, CovarianceKind.Diagonal);
        moments.Accumulate(features, bins);
        transport.EndEpoch(moments, deviation * scaling.Scale[0]);
        Assert.Equal(transport.ResidualDeviation, run.Capture().Transport!.ResidualDeviation, 1e-5);
        transport.StartEpoch(1);
        transport.Draw([.. Enumerable.Range(0, Count)], bins, destinations);
        Assert.True(destinations.Zip(bins).Count(pair => pair.First != pair.Second) > 50, "hardly a row moves");
        transport.Move(features, bins, destinations, movedFeatures);
        var reference = new NetworkLossReference(shape, new ParameterLayout(shape), rows.Inputs, targets, null, options.Loss)
        {
            Calibrate = _ => [.. movedFeatures.Select(x => (double)x)],
            Objective = (prediction, _) => prediction
                .Select((p, i) => Math.Pow(p - targets[i] - transport.LabelMove(bins[i], destinations[i]) / scaling.Scale[0], 2)).Average(),
        };
        Assert.Equal(reference.Loss(exact), moved, 1e-5 * (1 + moved));
        Assert.True(Math.Abs(moved - still) > 1e-3);
    }

    [Fact]
    public void TransportAndSmoothingOfFeaturesExcludeEachOther() =>
        Assert.Contains("choose one", Assert.Throws<ArgumentException>(
            () => SampleRun.Create(Options("transport") with { FeatureSmoothing = SampleRun.FullSmoothing })).Message);

    /// <summary>The inverse of counts to a power, smoothed by the published window with zeros beyond the ends, with mean 1 over the rows.</summary>
    private static double[] VoteWeights(int[] bins, double power)
    {
        double[] taps = [.. SmoothingKernel.Default.UnitMaximumTaps.ToArray()], counts = [.. Enumerable.Range(0, 10).Select(b => (double)bins.Count(bin => bin == b))];
        double[] inverse = [.. Enumerable.Range(0, 10).Select(b => 1 / Enumerable.Range(-2, 5)
            .Sum(x => b + x is >= 0 and < 10 ? taps[x + 2] * (power == 0 ? 1 : Math.Pow(counts[b + x], power)) : 0))];
        if (power == 0)
        {
            return [.. Enumerable.Repeat(1.0, 10)];
        }

        double mean = bins.Average(b => inverse[b]);
        return [.. inverse.Select(w => w / mean)];
    }

    [Fact]
    public void FeaturesThatDoNotLearnAreRefused()
    {
        TrainingSet rows = SampleRun.Rows(1, 20);
        var shape = new NetworkShape { Inputs = SampleRun.Inputs, Hidden = [] };
        Assert.Contains("needs a hidden layer", Assert.Throws<ArgumentException>(() => SampleRun.Create(Options("rnc") with { FeatureSmoothing = null }, shape, rows)).Message);
        Assert.Contains("choose one", Assert.Throws<ArgumentException>(
            () => SampleRun.Create(new TrainingOptions { RankSim = new RankSimOptions(), RankNContrast = new RankNContrastOptions() })).Message);
        Assert.Contains("choose one", Assert.Throws<ArgumentException>(
            () => SampleRun.Create(new TrainingOptions { BalancedMse = new BalancedMseOptions(), DistributionMatch = new DistributionMatchOptions() })).Message);
    }
}
