using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Networks;
using DirKernels.Tests.Backends;
using Xunit;

namespace DirKernels.Tests.Networks;

/// <summary>One immutable copy of a model, from any thread, with any batch: the bits of the model and no allocation.</summary>
public sealed class PredictorTests : IDisposable
{
    private const int Most = 2_500;

    private readonly CpuBackend _backend = new(1);
    private readonly float[] _inputs = SampleNumbers.Normal(1, Most * SampleRun.Inputs);

    public void Dispose() => _backend.Dispose();

    public static TheoryData<string> Shapes => ["plain", "normalised", "gelu, two targets", "linear"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void BatchesOfAnySizeHaveTheBitsOfTheModel(string name)
    {
        using RegressionModel model = Model(name);
        using Predictor predictor = new(model), threaded = new(model, threads: 2);
        int targets = model.Network.Shape.Targets;
        int[] sizes = [.. Enumerable.Range(0, 301), .. Enumerable.Range(1020, 10), 2047, 2048, 2049, Most];
        foreach (int rows in sizes)
        {
            // Rows that start anywhere: the kernels read them where they lie.
            int first = rows == Most ? 0 : rows % 7;
            ReadOnlySpan<float> inputs = _inputs.AsSpan(first * SampleRun.Inputs, rows * SampleRun.Inputs);
            double[] expected = new double[rows * targets], values = new double[expected.Length], shared = new double[expected.Length];
            var narrow = new float[expected.Length];
            model.Predict(inputs, expected);
            predictor.Predict(inputs, values);
            threaded.Predict(inputs, shared);
            predictor.Predict(inputs, narrow);
            Assert.True(expected.AsSpan().SequenceEqual(values), $"{rows} rows");
            Assert.True(expected.AsSpan().SequenceEqual(shared), $"{rows} rows on two threads");
            Assert.True(Array.ConvertAll(expected, value => (float)value).AsSpan().SequenceEqual(narrow), $"{rows} rows in single precision");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void OneRowAtATimeIsOneBatch(string name)
    {
        using RegressionModel model = Model(name);
        using var predictor = new Predictor(model);
        int targets = model.Network.Shape.Targets;
        var expected = new double[40 * targets];
        predictor.Predict(_inputs.AsSpan(0, 40 * SampleRun.Inputs), expected);
        for (int row = 0; row < 40; row++)
        {
            var value = new double[targets];
            predictor.Predict(_inputs.AsSpan(row * SampleRun.Inputs, SampleRun.Inputs), value);
            Assert.Equal(expected[(row * targets)..((row + 1) * targets)], value);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EightThreadsAtOnceGiveTheBitsOfOneAndAllocateNothing(string name)
    {
        const int Threads = 8, Rounds = 60;
        using RegressionModel model = Model(name);
        using var predictor = new Predictor(model, threads: 2);
        int targets = model.Network.Shape.Targets;
        var expected = new double[Most * targets];
        model.Predict(_inputs, expected);

        // A pass for each: what is left for a call to allocate is nothing.
        Array.ForEach([.. Enumerable.Range(0, Threads).Select(_ => predictor.Pool.Take())], predictor.Pool.Return);
        var differences = new int[Threads];
        long[] allocated = [.. Enumerable.Repeat(long.MaxValue, Threads)];
        using var together = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() => Run(thread)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(differences, count => Assert.Equal(0, count));
        Assert.All(allocated, bytes => Assert.Equal(0, bytes));

        void Run(int thread)
        {
            var values = new double[Most * targets];
            var narrow = new float[Most * targets];
            together.SignalAndWait();
            for (int round = 0; round < Rounds; round++)
            {
                int rows = round % 3 == 0 ? 1 : (thread + 1) * (round + 1) * 37 % Most, first = (Most - rows) * round / Rounds;
                long before = GC.GetAllocatedBytesForCurrentThread();
                predictor.Predict(_inputs.AsSpan(first * SampleRun.Inputs, rows * SampleRun.Inputs), values.AsSpan(0, rows * targets));
                predictor.Predict(_inputs.AsSpan(first * SampleRun.Inputs, rows * SampleRun.Inputs), narrow.AsSpan(0, rows * targets));
                allocated[thread] = Math.Min(allocated[thread], GC.GetAllocatedBytesForCurrentThread() - before);
                for (int i = 0; i < rows * targets; i++)
                {
                    double value = expected[first * targets + i];
                    differences[thread] += values[i].Equals(value) && narrow[i].Equals((float)value) ? 0 : 1;
                }
            }
        }
    }

    [Fact]
    public void EveryCallOfAWarmPredictorAllocatesNothing()
    {
        using RegressionModel model = Model("plain");
        using var predictor = new Predictor(model);
        var values = new double[Most];
        Assert.Equal(0, AllocatedBytes.Smallest(() =>
        {
            for (int rows = 0; rows < Most; rows += 111)
            {
                predictor.Predict(_inputs.AsSpan(0, rows * SampleRun.Inputs), values.AsSpan(0, rows));
            }
        }));
    }

    [Fact]
    public void AMillionRowsGoThroughTheBuffersOfAThousand()
    {
        const int Rows = 1_000_000;
        using var network = new RegressionNetwork(new NetworkShape { Inputs = 2, Hidden = [8] }, _backend);
        using var model = new RegressionModel(network, new TargetScaling([5], [2]));
        using var predictor = new Predictor(model);
        float[] inputs = SampleNumbers.Uniform(2, 2 * Rows, -1, 1);
        double[] values = new double[Rows], expected = new double[1];
        Assert.Equal(0, AllocatedBytes.Smallest(() => predictor.Predict(inputs, values)));
        for (int row = 0; row < Rows; row += 9_973)
        {
            model.Predict(inputs.AsSpan(2 * row, 2), expected);
            Assert.Equal(expected[0], values[row]);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AModelOnADeviceHasTheBitsOfThePredictorMadeFromIt(string name)
    {
        using RegressionModel host = Model(name);
        RegressionNetwork network = host.Network;
        var device = new DeviceLikeBackend(_backend);
        using var model = new RegressionModel(
            new RegressionNetwork(network.Shape, device, device.Download(network.Parameters), device.Download(network.NormalizationStatistics)), host.Scaling);
        using var predictor = new Predictor(model);
        int targets = network.Shape.Targets, width = network.Shape.FeatureDimensions;
        double[] expected = new double[Most * targets], values = new double[Most * targets], predicted = new double[Most * targets];
        float[] expectedFeatures = new float[Most * width], features = new float[Most * width];
        host.Predict(_inputs, expected);
        model.Predict(_inputs, values);
        predictor.Predict(_inputs, predicted);
        Assert.Equal(expected, values);
        Assert.Equal(expected, predicted);
        host.Encode(_inputs, expectedFeatures);
        model.Encode(_inputs, features);
        Assert.Equal(expectedFeatures, features);
    }

    [Fact]
    public void TheModelMayChangeOrGo()
    {
        var network = new RegressionNetwork(SampleRun.Shape(), _backend, seed: 3);
        var scaling = new TargetScaling([1], [2]);
        Predictor predictor;
        var expected = new double[10];
        using (var model = new RegressionModel(network, scaling))
        {
            predictor = new Predictor(model);
            model.Predict(_inputs.AsSpan(0, 10 * SampleRun.Inputs), expected);
            network.Initialize(seed: 4);
            scaling.Mean[0] = 7;
            scaling.Scale[0] = 7;
        }

        using (predictor)
        {
            var values = new double[10];
            predictor.Predict(_inputs.AsSpan(0, 10 * SampleRun.Inputs), values);
            Assert.Equal(expected, values);
            Assert.Equal(SampleRun.Shape(), predictor.Shape);
        }
    }

    [Fact]
    public void ShapesThatDoNotMatchNameBothSides()
    {
        using RegressionModel model = Model("gelu, two targets");
        using var predictor = new Predictor(model);
        foreach ((int inputs, int values) in new[] { (SampleRun.Inputs, 1), (SampleRun.Inputs, 3), (SampleRun.Inputs - 1, 2), (0, 2), (SampleRun.Inputs, 0) })
        {
            foreach (Action call in new Action[]
            {
                () => predictor.Predict(new float[inputs], new double[values]),
                () => predictor.Predict(new float[inputs], new float[values]),
                () => model.Predict(new float[inputs], new double[values]),
            })
            {
                string message = Assert.Throws<ArgumentException>(call).Message;
                Assert.Contains($"inputs has {inputs} elements, rows of {SampleRun.Inputs}", message);
                Assert.Contains($"values has {values}, rows of 2", message);
            }
        }

        Assert.Throws<ArgumentNullException>(() => new Predictor((RegressionModel)null!));
    }

    [Fact]
    public void ADisposedPredictorSaysSoAndThoseThatShareItsNetworkGoOn()
    {
        using RegressionModel model = Model("plain");
        SharedNetworks network = SharedNetworks.CopyOf(model, threads: 1);
        var first = new Predictor(network);
        Predictor second = first.Share();
        double[] expected = new double[3], values = new double[3];
        first.Predict(_inputs.AsSpan(0, 3 * SampleRun.Inputs), expected);
        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Predict(_inputs.AsSpan(0, 3 * SampleRun.Inputs), values));
        Assert.Throws<ObjectDisposedException>(() => first.Predict([], Span<float>.Empty));
        Assert.Throws<ObjectDisposedException>(() => first.Share());
        second.Predict(_inputs.AsSpan(0, 3 * SampleRun.Inputs), values);
        Assert.Equal(expected, values);
        second.Dispose();
        Assert.False(network.TryUse(), "the last predictor is gone, but the network is still in use");
    }

    [Fact]
    public void ACallInsideOutlivesThePredictor()
    {
        using RegressionModel model = Model("plain");
        SharedNetworks network = SharedNetworks.CopyOf(model, threads: 1);
        var predictor = new Predictor(network);
        PredictionPool.Lease inside = predictor.Pool.Take();
        predictor.Dispose();
        double[] expected = new double[3], values = new double[3];
        model.Predict(_inputs.AsSpan(0, 3 * SampleRun.Inputs), expected);
        inside.Pass!.Predict(3, _inputs.AsSpan(0, 3 * SampleRun.Inputs), values.AsSpan(), default);
        Assert.Equal(expected, values);
        predictor.Pool.Return(inside);
        Assert.False(network.TryUse(), "the last call has left, but the network is still in use");
    }

    [Fact]
    public void DisposingWhileThreadsPredictGivesValuesOrSaysSo()
    {
        using RegressionModel model = Model("plain");
        var expected = new double[1_100];
        model.Predict(_inputs.AsSpan(0, expected.Length * SampleRun.Inputs), expected);
        for (int trial = 0; trial < 20; trial++)
        {
            var predictor = new Predictor(model);
            int refused = 0, differences = 0;
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Run))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.Sleep(trial % 5);
            predictor.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            Assert.Equal((4, 0), (refused, differences));

            void Run()
            {
                var values = new double[expected.Length];
                while (true)
                {
                    try
                    {
                        predictor.Predict(_inputs.AsSpan(0, values.Length * SampleRun.Inputs), values);
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref refused);
                        return;
                    }

                    Interlocked.Add(ref differences, values.AsSpan().SequenceEqual(expected) ? 0 : 1);
                }
            }
        }
    }

    [Fact]
    public void MoreCallsAtOnceThanAreKeptStillPredict()
    {
        using RegressionModel model = Model("plain");
        SharedNetworks network = SharedNetworks.CopyOf(model, threads: 1);
        var predictor = new Predictor(network);
        PredictionPool.Lease[] inside = [.. Enumerable.Range(0, predictor.Pool.Capacity + 1).Select(_ => predictor.Pool.Take())];
        Assert.Equal(inside.Length, inside.DistinctBy(lease => lease.Pass).Count());
        Array.ForEach(inside, predictor.Pool.Return);

        // The one that found no place is freed; the others come again.
        Assert.Throws<ObjectDisposedException>(() => inside[^1].Pass!.Predict(1, _inputs.AsSpan(0, SampleRun.Inputs), new double[1].AsSpan(), default));
        PredictionPool.Lease[] again = [.. Enumerable.Range(0, predictor.Pool.Capacity).Select(_ => predictor.Pool.Take())];
        Assert.Equal(inside[..^1].ToHashSet(), again.ToHashSet());
        Array.ForEach(again, predictor.Pool.Return);
        predictor.Dispose();
        Assert.False(network.TryUse());
    }

    [Fact]
    public void ASnapshotPredictsWhatItsRunDoes()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 2 }, SampleRun.Shape(normalized: true));
        SampleRun.Finish(run);
        ModelSnapshot snapshot = ModelSnapshot.Capture(run, SampleRun.Bins, new double[SampleRun.Bins.Count]);
        using RegressionModel model = run.BestModel();
        using Predictor predictor = snapshot.ToPredictor();
        double[] expected = new double[50], values = new double[50];
        model.Predict(_inputs.AsSpan(0, 50 * SampleRun.Inputs), expected);
        predictor.Predict(_inputs.AsSpan(0, 50 * SampleRun.Inputs), values);
        Assert.Equal(expected, values);
        string message = Assert.Throws<ArgumentException>(() => (snapshot with { Networks = [snapshot.Networks[0] with { Parameters = [1, 2] }] }).ToPredictor()).Message;
        Assert.Contains($"{snapshot.Networks[0].Parameters.Length} parameters", message);
        Assert.Contains("2 and", message);
        Assert.Contains("2 targets", Assert.Throws<ArgumentException>(() => (snapshot with { Shape = snapshot.Shape with { Targets = 2 } }).ToPredictor()).Message);
    }

    private RegressionModel Model(string name)
    {
        (NetworkShape shape, TargetScaling scaling) = name switch
        {
            "plain" => (SampleRun.Shape(), new TargetScaling([3], [0.5])),
            "normalised" => (SampleRun.Shape(normalized: true, dropout: 0.2f), new TargetScaling([-1e6], [1e5])),
            "gelu, two targets" => (SampleRun.Shape(hidden: [70]) with { Activation = Activation.Gelu, Targets = 2 }, new TargetScaling([1, 10], [2, 1e-3])),
            _ => (SampleRun.Shape() with { Hidden = [] }, new TargetScaling([0], [1])),
        };
        return new RegressionModel(new RegressionNetwork(shape, _backend, seed: 5), scaling);
    }
}
