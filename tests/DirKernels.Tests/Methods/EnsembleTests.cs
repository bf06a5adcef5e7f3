using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Methods;
using DirKernels.Networks;
using DirKernels.Tests.Networks;
using Xunit;

namespace DirKernels.Tests.Methods;

/// <summary>Ensembles against networks that are trained one by one, and against the law of total variance in plain numbers.</summary>
public sealed class EnsembleTests
{
    private const int Rows = 1_100;

    private static readonly float[] _inputs = SampleRun.Rows(7, Rows).Inputs;
    private static readonly ComparisonRows _train = new(SampleRun.Rows(1, 200).Inputs, SampleRun.Rows(1, 200).Labels);
    private static readonly TrainingSet _validation = SampleRun.Rows(2, 100);

    public static TheoryData<string> Ensembles => ["ensemble:3", "ensemble:2+lds+fds", "laplace+ensemble:3+lds", "ensemble:2+gaussian", "ensemble:2+uvote", "ensemble:3+ro", "rrt+ensemble:2", "ensemble:2+transport"];

    [Theory]
    [MemberData(nameof(Ensembles))]
    public void TheModelIsTheMeanOfNetworksTrainedOneByOne(string name)
    {
        using var backend = new CpuBackend(1);
        Method method = Method.Parse(name), plain = Method.Parse(string.Join('+', name.Split('+').Where(part => !part.StartsWith("ensemble:", StringComparison.Ordinal)).DefaultIfEmpty("vanilla")));
        using RegressionModel ensemble = Train(method, 11, backend);
        Assert.Equal(method.Networks, ensemble.NetworkCount);
        Assert.True(ensemble.KnowsUncertainty);
        double[] values = new double[Rows], uncertainties = new double[Rows], alone = new double[Rows];
        ensemble.Predict(_inputs, values, uncertainties);
        ensemble.Predict(_inputs, alone);
        Assert.Equal(values, alone);

        var members = new List<(double[] Values, double[] Deviations)>();
        for (int k = 0; k < method.Networks; k++)
        {
            using RegressionModel member = Train(plain, MethodRun.SeedOf(11, k), backend);
            double[] own = new double[Rows], deviations = new double[Rows];
            if (member.KnowsUncertainty)
            {
                member.Predict(_inputs, own, deviations);
            }
            else
            {
                member.Predict(_inputs, own);
            }

            members.Add((own, deviations));
        }

        for (int row = 0; row < Rows; row++)
        {
            double mean = members.Aggregate(0.0, (sum, member) => sum + member.Values[row]) / members.Count;
            Assert.Equal(mean, values[row]);

            // E[V] + V[E]: the second moments of the members less the square of the mean. Squares below 900 lose at most 900 * 8 * 2^-53 in the difference.
            double total = members.Average(member => member.Deviations[row] * member.Deviations[row] + member.Values[row] * member.Values[row]) - mean * mean;
            Assert.Equal(total, uncertainties[row] * uncertainties[row], 1e-12);
        }

        Assert.True(members[0].Values.Zip(members[1].Values, (a, b) => Math.Abs(a - b)).Max() > 0.05, "the networks hardly differ: nothing is tested");
    }

    [Theory]
    [MemberData(nameof(Ensembles))]
    public void FilesAndPredictorsHaveTheBitsOfTheModelAndCallsAllocateNothing(string name)
    {
        using var backend = new CpuBackend(1);
        using MethodRun run = Finished(Method.Parse(name), 11, backend);
        using RegressionModel model = run.BestModel();
        ModelSnapshot snapshot = ModelFile.Read(new MemoryStream(Bytes(run)));
        Assert.Equal(run.Networks, snapshot.Networks.Count);
        Assert.Equal(run.Shape, snapshot.Shape);
        using RegressionModel read = snapshot.ToModel(backend);
        using Predictor predictor = snapshot.ToPredictor(), copied = new(model, threads: 2), shared = copied.Share();
        double[] expected = new double[Rows], expectedDeviations = new double[Rows], values = new double[Rows], deviations = new double[Rows];
        float[] narrow = new float[Rows], narrowDeviations = new float[Rows];
        model.Predict(_inputs, expected, expectedDeviations);
        read.Predict(_inputs, values, deviations);
        Assert.Equal(expected, values);
        Assert.Equal(expectedDeviations, deviations);
        foreach (Predictor each in new[] { predictor, copied, shared })
        {
            Assert.True(each.KnowsUncertainty);
            Assert.Equal(run.Networks, each.NetworkCount);
            each.Predict(_inputs, values, deviations);
            each.Predict(_inputs, narrow, narrowDeviations);
            Assert.Equal(expected, values);
            Assert.Equal(expectedDeviations, deviations);
            Assert.Equal(Array.ConvertAll(expected, value => (float)value), narrow);
            Assert.Equal(Array.ConvertAll(expectedDeviations, value => (float)value), narrowDeviations);
            Assert.Equal(0, AllocatedBytes.Smallest(() => each.Predict(_inputs, values, deviations)));
            Assert.Equal(0, AllocatedBytes.Smallest(() => each.Predict(_inputs, narrow)));
        }

        Assert.Equal(0, AllocatedBytes.Smallest(() => model.Predict(_inputs, values, deviations)));
    }

    [Fact]
    public void TheSameSeedGivesTheSameBitsWhateverTheThreadsAndInterruptions()
    {
        Method method = Method.Parse("ensemble:3+lds+fds+ro");
        using CpuBackend one = new(1), three = new(3);
        using MethodRun whole = Finished(method, 5, one), threaded = Finished(method, 5, three);
        byte[] expected = Bytes(whole);
        Assert.Equal(expected, Bytes(threaded));
        Assert.Equal(whole.BestEpochs, threaded.BestEpochs);
        for (int stop = 1; stop <= whole.TotalEpochs; stop++)
        {
            using MethodRun first = Create(method, 5, one), second = Create(method, 5, three);
            for (int epoch = 0; epoch < stop; epoch++)
            {
                first.RunEpoch(TestContext.Current.CancellationToken);
            }

            // Through a file, into a run that has gone elsewhere: further for one half of the stops, not begun for the other.
            using var stream = new MemoryStream();
            ModelFile.Write(stream, first.Snapshot(new double[SampleRun.Bins.Count], withCheckpoint: true));
            stream.Position = 0;
            for (int epoch = 0; stop % 2 == 0 && epoch < 5; epoch++)
            {
                second.RunEpoch(TestContext.Current.CancellationToken);
            }

            second.Restore(ModelFile.Read(stream).Checkpoint!);
            Assert.Equal((first.Position, first.CompletedEpochs, first.BestError), (second.Position, second.CompletedEpochs, second.BestError));
            Finish(second);
            Assert.Equal(expected, Bytes(second));
            Assert.Equal(whole.BestEpochs, second.BestEpochs);
            Assert.Equal(whole.ValidationError(), second.ValidationError());
        }
    }

    [Fact]
    public void ARunTellsTheErrorOfItsMean()
    {
        using var backend = new CpuBackend(1);
        using MethodRun run = Finished(Method.Parse("ensemble:4"), 3, backend);
        using RegressionModel model = run.BestModel();
        var values = new double[_validation.Rows];
        model.Predict(_validation.Inputs, values);
        Assert.Equal(values.Zip(_validation.Labels, (value, label) => Math.Abs(value - label)).Average(), run.ValidationError(), 1e-12);
        Assert.Equal((16, 16, 4), (run.CompletedEpochs, run.Position, run.BestEpochs.Count));
        MethodOutcome outcome = MethodTrial.Run(
            Method.Parse("ensemble:4"), Settings(0), new ComparisonData(_train, new(_validation.Inputs, _validation.Labels), _train), 3, backend,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(run.ValidationError(), outcome.ValidationError);
        Assert.Equal(values, outcome.ValidationPredictions);
        Assert.Equal(4, outcome.ValidationErrors.Count);
    }

    [Fact]
    public void NoTwoRunsShareANetwork()
    {
        Assert.Equal(17ul, MethodRun.SeedOf(17, 0));
        ulong[] seeds = [.. Enumerable.Range(0, 200).SelectMany(seed => Enumerable.Range(0, 32).Select(network => MethodRun.SeedOf((ulong)seed, network)))];
        Assert.Equal(seeds.Length, seeds.Distinct().Count());
    }

    [Fact]
    public void AnyModelsOfOneShapeCanBeAveraged()
    {
        using var backend = new CpuBackend(1);
        var shape = new NetworkShape { Inputs = SampleRun.Inputs, Hidden = [9], Targets = 2 };
        RegressionModel[] models = [.. Enumerable.Range(0, 3).Select(k => new RegressionModel(new RegressionNetwork(shape, backend, (ulong)k), new TargetScaling([k, -1e6], [1 + k, 1e3 * (k + 1)])))];
        using RegressionModel mean = RegressionModel.MeanOf(models, backend), pair = RegressionModel.MeanOf(models[..2], backend), nested = RegressionModel.MeanOf([pair, models[2]], backend);
        double[] values = new double[2 * Rows], deviations = new double[2 * Rows], flat = new double[2 * Rows];
        double[][] own = [.. models.Select(model =>
        {
            var result = new double[2 * Rows];
            model.Predict(_inputs, result);
            model.Dispose();
            return result;
        })];
        mean.Predict(_inputs, values, deviations);
        nested.Predict(_inputs, flat);
        Assert.Equal(values, flat);
        for (int i = 0; i < values.Length; i++)
        {
            double average = (own[0][i] + own[1][i] + own[2][i]) / 3;
            Assert.Equal(average, values[i]);
            Assert.Equal(Math.Sqrt(own.Average(v => (v[i] - average) * (v[i] - average))), deviations[i], 1e-9 * (1 + deviations[i]));
        }

        Assert.Contains("3 networks", Assert.Throws<InvalidOperationException>(() => mean.Encode(_inputs, new float[9 * Rows])).Message);
        Assert.Contains("at least one", Assert.Throws<ArgumentException>(() => RegressionModel.MeanOf([], backend)).Message);
        using var other = new RegressionModel(new RegressionNetwork(shape with { Hidden = [8] }, backend), new TargetScaling([0, 0], [1, 1]));
        Assert.Contains("[16, 9, 2] relu and [16, 8, 2] relu", Assert.Throws<ArgumentException>(() => RegressionModel.MeanOf([mean, other], backend)).Message);
    }

    private static MethodSettings Settings(ulong seed) => new()
    {
        Bins = SampleRun.Bins,
        Hidden = [32, 16],
        Training = new TrainingOptions { Epochs = 4, BatchSize = 40, LearningRate = 1e-2, Seed = seed },
        Resampling = new() { Threshold = 0.5 },
    };

    private static MethodRun Create(Method method, ulong seed, IBackend backend) => new(method, Settings(seed), _train, _validation, backend);

    private static MethodRun Finished(Method method, ulong seed, IBackend backend)
    {
        MethodRun run = Create(method, seed, backend);
        Finish(run);
        return run;
    }

    private static void Finish(MethodRun run)
    {
        while (!run.IsFinished)
        {
            run.RunEpoch(TestContext.Current.CancellationToken);
        }
    }

    private static RegressionModel Train(Method method, ulong seed, IBackend backend)
    {
        using MethodRun run = Finished(method, seed, backend);
        return run.BestModel();
    }

    private static byte[] Bytes(MethodRun run)
    {
        using var stream = new MemoryStream();
        ModelFile.Write(stream, run.Snapshot(new double[SampleRun.Bins.Count]));
        return stream.ToArray();
    }
}
