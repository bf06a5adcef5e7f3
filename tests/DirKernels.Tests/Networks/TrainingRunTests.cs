using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class TrainingRunTests
{
    [Theory]
    [InlineData(EpochSelection.Mae)]
    [InlineData(EpochSelection.BalancedMae)]
    public void TheBestEpochIsTheMinimumAndItsModelHasItsError(EpochSelection selection)
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 25, LearningRate = 3e-2, Selection = selection });
        List<EpochResult> results = SampleRun.Finish(run);
        double best = results.Min(r => r.ValidationError);
        Assert.Equal(best, run.BestError);
        Assert.Equal(results.FindIndex(r => r.ValidationError == best), run.BestEpoch);
        Assert.Equal(run.BestEpoch, results.FindLastIndex(r => r.IsBest));
        Assert.True(run.BestEpoch < 24, "the last epoch is the best one: nothing is tested");

        TrainingSet validation = SampleRun.Rows(2, 100);
        using RegressionModel model = run.BestModel();
        var predictions = new double[100];
        model.Predict(validation.Inputs, predictions);
        double[] errors = [.. predictions.Zip(validation.Labels, (p, y) => Math.Abs(p - y))];
        double expected = selection == EpochSelection.Mae
            ? errors.Average()
            : errors.Zip(validation.Labels).GroupBy(pair => SampleRun.Bins.IndexOf(pair.Second)).Average(bin => bin.Average(pair => pair.First));
        Assert.Equal(expected, best, 1e-12); // the same sums in another order: 100 * 2^-53 of values below 20
    }

    [Fact]
    public void PatienceStopsTraining()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 500, LearningRate = 3e-2, Patience = 3, Schedule = LearningRateSchedule.Constant });
        SampleRun.Finish(run);
        Assert.True(run.CompletedEpochs < 500);
        Assert.Equal(run.BestEpoch + 3, run.CompletedEpochs - 1);
    }

    [Fact]
    public void TheSecondStageTrainsANewHeadOnTheFrozenEncoder()
    {
        var options = new TrainingOptions { Epochs = 4, HeadEpochs = 3, BatchSize = 64, LearningRate = 1e-2 };
        NetworkShape shape = SampleRun.Shape(normalized: true, dropout: 0.2f);
        using TrainingRun run = SampleRun.Create(options, shape);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            run.RunEpoch(TestContext.Current.CancellationToken);
        }

        TrainingState first = run.Capture();
        int head = (int)new ParameterLayout(shape).HeadStart;
        for (int epoch = 0; epoch < 3; epoch++)
        {
            Assert.False(run.IsFinished);
            EpochResult result = run.RunEpoch(TestContext.Current.CancellationToken);
            TrainingState second = run.Capture();
            Assert.Equal(4 + epoch, result.Epoch);
            Assert.Equal(first.BestParameters[..head], second.Parameters[..head]);
            Assert.Equal(first.BestParameters[..head], second.BestParameters[..head]);
            Assert.Equal(first.BestNormalizationStatistics, second.NormalizationStatistics);
            Assert.NotEqual(first.BestParameters[head..], second.Parameters[head..]);
            Assert.All(second.FirstMoments[..head], m => Assert.Equal(0, m));
            Assert.InRange(second.BestEpoch, 4, 6);
        }

        Assert.True(run.IsFinished);
    }

    [Fact]
    public void TheSecondStageFollowsPatienceThatEndsInTheLastEpochOfTheFirst()
    {
        // A constant rate makes the epochs independent of their number: look where patience of 2 ends, then let the first stage end there.
        var options = new TrainingOptions { Epochs = 500, LearningRate = 3e-2, Patience = 2, Schedule = LearningRateSchedule.Constant };
        using TrainingRun probe = SampleRun.Create(options);
        SampleRun.Finish(probe);
        int stop = probe.CompletedEpochs;
        foreach (int epochs in new[] { stop, stop + 1 })
        {
            using TrainingRun run = SampleRun.Create(options with { Epochs = epochs, HeadEpochs = 4, Patience = 2 });
            List<EpochResult> results = SampleRun.Finish(run);
            Assert.Equal(stop, results.Count(r => r.Epoch < epochs));
            Assert.Equal(epochs, results[stop].Epoch);
            Assert.True(run.BestEpoch >= epochs);
        }
    }

    [Fact]
    public void TheSecondStageUsesTheHeadWeights()
    {
        var options = new TrainingOptions { Epochs = 2, HeadEpochs = 2, LearningRate = 1e-2 };
        using TrainingRun plain = SampleRun.Create(options);
        using TrainingRun weighted = SampleRun.Create(options, training: SampleRun.Rows(1, 200, headWeights: SampleNumbers.Uniform(4, 200, 0, 2)));
        for (int epoch = 0; epoch < 2; epoch++)
        {
            Assert.Equal(plain.RunEpoch(TestContext.Current.CancellationToken).Loss, weighted.RunEpoch(TestContext.Current.CancellationToken).Loss);
        }

        Assert.NotEqual(plain.RunEpoch(TestContext.Current.CancellationToken).Loss, weighted.RunEpoch(TestContext.Current.CancellationToken).Loss);
    }

    [Fact]
    public void RowsOfWeightZeroDoNotMatterAndWeightsOfOneChangeNothing()
    {
        var options = new TrainingOptions { Epochs = 3, BatchSize = 64 };
        TrainingSet plain = SampleRun.Rows(1, 200);
        float[] someZero = [.. Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? 0f : 1)];
        float[] otherInputs = [.. plain.Inputs];
        for (int i = 0; i < otherInputs.Length; i++)
        {
            otherInputs[i] += i / SampleRun.Inputs % 4 == 0 ? 3 : 0;
        }

        float[] reference = Trained(options, plain);
        float[] zeroWeighted = Trained(options, new TrainingSet(plain.Inputs, plain.Labels) { Weights = someZero });
        Assert.Equal(reference, Trained(options, new TrainingSet(plain.Inputs, plain.Labels) { Weights = [.. Enumerable.Repeat(1f, 200)] }));
        Assert.NotEqual(reference, zeroWeighted);
        Assert.Equal(zeroWeighted, Trained(options, new TrainingSet(otherInputs, plain.Labels) { Weights = someZero }));
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 1e-2)]
    [InlineData(OptimizerKind.AdamW, 1e-2)]
    [InlineData(OptimizerKind.Sgd, 1e-2)]
    public void LearnsALinearFunction(OptimizerKind optimizer, double rate)
    {
        TrainingSet Linear(int seed, int rows)
        {
            float[] x = SampleNumbers.Normal(seed, rows * 3);
            return new(x, [.. Enumerable.Range(0, rows).Select(i => 1000 + 300.0 * x[3 * i] - 200 * x[3 * i + 1] + 50 * x[3 * i + 2])]);
        }

        var options = new TrainingOptions { Epochs = 60, BatchSize = 32, LearningRate = rate, Optimizer = optimizer, Loss = RegressionLoss.Mse };
        var shape = new NetworkShape { Inputs = 3, Hidden = [] };
        using var run = new TrainingRun(shape, Linear(1, 400), Linear(2, 100), LabelBins.Uniform(0, 100, 20), options);
        SampleRun.Finish(run);

        // The labels spread by 364. Without noise the minimum is exact; what is left is the last tenth of a percent of the way there.
        Assert.True(run.BestError < 0.4, $"error {run.BestError}");
    }

    [Fact]
    public void LearnsTwoTargets()
    {
        float[] x = SampleNumbers.Normal(1, 400 * 3);
        double[] labels = [.. Enumerable.Range(0, 400).SelectMany(i => new double[] { 5 * x[3 * i], 1e6 * x[3 * i + 1] - 1e7 })];
        var set = new TrainingSet(x, labels, targets: 2);
        var shape = new NetworkShape { Inputs = 3, Hidden = [16], Targets = 2, Activation = Activation.Tanh };
        using var run = new TrainingRun(shape, set, set, LabelBins.Uniform(-20, 4, 10), new TrainingOptions { Epochs = 80, BatchSize = 32, LearningRate = 1e-2, Loss = RegressionLoss.Mse });
        SampleRun.Finish(run);
        using RegressionModel model = run.BestModel();
        var predictions = new double[800];
        model.Predict(x, predictions);
        foreach ((int target, double spread) in new[] { (0, 5.0), (1, 1e6) })
        {
            double error = Enumerable.Range(0, 400).Average(i => Math.Abs(predictions[2 * i + target] - labels[2 * i + target]));
            Assert.True(error < 0.1 * spread, $"target {target}: {error}");
        }
    }

    [Fact]
    public void DivergenceNamesTheEpoch()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Loss = RegressionLoss.Mse, Optimizer = OptimizerKind.Sgd, LearningRate = 1e20, BatchSize = 16 });
        var diverged = Assert.Throws<TrainingDivergedException>(() => SampleRun.Finish(run));
        Assert.Equal(0, diverged.Epoch);
        Assert.Contains("epoch 1", diverged.Message);
        Assert.Contains("learning rate", diverged.Message);
    }

    [Fact]
    public void ThereIsNoModelBeforeTheFirstEpoch()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions());
        Assert.Contains("no epoch", Assert.Throws<InvalidOperationException>(() => run.BestModel()).Message);
    }

    [Fact]
    public void FeaturesAreCalibratedFromTheFirstCalibratedEpochOn()
    {
        // Until then feature smoothing only watches: losses are those of a run without it, to the bit.
        var options = new TrainingOptions { Epochs = 4, BatchSize = 64 };
        using TrainingRun plain = SampleRun.Create(options);
        using TrainingRun smoothed = SampleRun.Create(options with { FeatureSmoothing = SampleRun.FullSmoothing with { FirstCalibratedEpoch = 2 } });
        List<EpochResult> a = SampleRun.Finish(plain), b = SampleRun.Finish(smoothed);
        Assert.Equal([true, true, false, false], a.Zip(b, (x, y) => x.Loss.Equals(y.Loss)));
        Assert.All(b, result => Assert.Equal(200, result.Features!.EpochCounts.Sum()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStepAllocatesNothing(bool everything)
    {
        // An epoch allocates its report and a few arrays of size B, whatever the number of its steps.
        long oneStep = AllocatedByAnEpoch(batchSize: 192, everything), manySteps = AllocatedByAnEpoch(batchSize: 8, everything);
        Assert.Equal(oneStep, manySteps);
        Assert.InRange(oneStep, 0, 64 * 1024);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PredictingAllocatesNothing(bool normalized)
    {
        using var backend = new CpuBackend(1);
        using var network = new RegressionNetwork(SampleRun.Shape(normalized), backend);
        using var model = new RegressionModel(network, new TargetScaling([1], [2]));
        float[] inputs = SampleRun.Rows(1, 1500).Inputs, features = new float[1500 * 16];
        var values = new double[1500];
        Assert.Equal(0, AllocatedBytes.Smallest(() =>
        {
            model.Predict(inputs, values);
            model.Predict(inputs.AsSpan(0, SampleRun.Inputs), values.AsSpan(0, 1));
            model.Encode(inputs, features);
        }));
    }

    private static long AllocatedByAnEpoch(int batchSize, bool everything)
    {
        using var backend = new CpuBackend(1);
        var options = new TrainingOptions { Epochs = 100, BatchSize = batchSize, FeatureSmoothing = everything ? SampleRun.FullSmoothing : null };
        TrainingSet rows = SampleRun.Rows(1, 192, SampleNumbers.Uniform(5, 192, 0.5, 2));
        using TrainingRun run = SampleRun.Create(options, SampleRun.Shape(normalized: everything, dropout: everything ? 0.2f : 0), rows, backend);

        return AllocatedBytes.Smallest(() => run.RunEpoch(TestContext.Current.CancellationToken));
    }

    private static float[] Trained(TrainingOptions options, TrainingSet rows)
    {
        using TrainingRun run = SampleRun.Create(options, training: rows);
        SampleRun.Finish(run);
        return run.Capture().Parameters;
    }

    [Fact]
    public void AStateThatIsNotNeededAnyMoreGivesItsArraysToTheNext()
    {
        var options = new TrainingOptions { Epochs = 4, BatchSize = 32, FeatureSmoothing = SampleRun.FullSmoothing };
        using TrainingRun run = SampleRun.Create(options);
        run.RunEpoch(TestContext.Current.CancellationToken);
        TrainingState first = run.Capture();
        float[] parameters = first.Parameters, covariances = first.Features!.RunningCovariances;
        run.RunEpoch(TestContext.Current.CancellationToken);
        TrainingState fresh = run.Capture(), second = run.Capture(first);
        Assert.Same(parameters, second.Parameters);
        Assert.Same(covariances, second.Features!.RunningCovariances);
        Assert.Equivalent(fresh, second, strict: true);

        // Of another network: new arrays.
        using TrainingRun other = SampleRun.Create(options, SampleRun.Shape(hidden: [8]));
        other.RunEpoch(TestContext.Current.CancellationToken);
        Assert.NotSame(parameters, other.Capture(second).Parameters);
    }
}
