using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using DirKernels.Networks;
using DirKernels.Serving;
using DirKernels.Tests.Networks;
using Xunit;

namespace DirKernels.Tests.Serving;

public sealed class PredictionServiceTests : IDisposable
{
    private const int Rows = 500;

    private readonly TablePredictor _predictor;
    private readonly float[] _inputs;
    private readonly double[] _expected = new double[Rows];

    public PredictionServiceTests()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 1 });
        run.RunEpoch(Cancellation);
        _predictor = new TablePredictor(ModelSnapshot.Capture(run, SampleRun.Bins, new double[SampleRun.Bins.Count]));
        _inputs = SampleRun.Rows(5, Rows).Inputs;
        _predictor.Predict<float>(_inputs, _expected);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _predictor.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(256)]
    public async Task ManyCallersGetTheBitsOfThePredictor(int mostRows)
    {
        await using var service = new PredictionService(_predictor, new PredictionServiceOptions { MostRows = mostRows, Capacity = 16 });
        var actual = new double[Rows];
        await Parallel.ForAsync(0, Rows, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancellation }, async (row, stop) =>
        {
            Prediction prediction = await service.PredictAsync(Row(row), stop);
            Assert.True(double.IsNaN(prediction.Uncertainty));
            actual[row] = prediction.Value;
        });
        Assert.Equal(_expected, actual);
    }

    [Fact]
    public async Task UncertaintiesAreThoseOfThePredictor()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 1 }, SampleRun.Shape(hidden: 8) with { Head = new PredictionHead(PredictionHeadKind.Laplace) });
        run.RunEpoch(Cancellation);
        using var predictor = new TablePredictor(ModelSnapshot.Capture(run, SampleRun.Bins, new double[SampleRun.Bins.Count]));
        double[] values = new double[Rows], deviations = new double[Rows];
        predictor.Predict<float>(_inputs, values, deviations);
        await using var service = new PredictionService(predictor);
        List<Prediction> predictions = await Collect(service.PredictAsync(Source(Rows), Cancellation));
        Assert.Equal(values, predictions.Select(prediction => prediction.Value));
        Assert.Equal(deviations, predictions.Select(prediction => prediction.Uncertainty));
    }

    [Fact]
    public async Task ASequenceKeepsItsOrder()
    {
        await using var service = new PredictionService(_predictor, new PredictionServiceOptions { MostRows = 9 });
        List<Prediction> predictions = await Collect(service.PredictAsync(Source(Rows), Cancellation));
        Assert.Equal(_expected, predictions.Select(prediction => prediction.Value));
    }

    [Fact]
    public async Task RowsMayBeOverwrittenOnceTheNextIsAskedFor()
    {
        await using var service = new PredictionService(_predictor);
        var buffer = new float[SampleRun.Inputs];
        async IAsyncEnumerable<ReadOnlyMemory<float>> Reused()
        {
            for (int row = 0; row < Rows; row++)
            {
                await Task.Yield();
                Row(row).CopyTo(buffer);
                yield return buffer;
                buffer.AsSpan().Fill(float.NaN);
            }
        }

        List<Prediction> predictions = await Collect(service.PredictAsync(Reused(), Cancellation));
        Assert.Equal(_expected, predictions.Select(prediction => prediction.Value));
    }

    [Fact]
    public async Task ChannelsAreCompletedWithTheirSource()
    {
        await using var service = new PredictionService(_predictor);
        Channel<ReadOnlyMemory<float>> rows = Channel.CreateBounded<ReadOnlyMemory<float>>(4);
        Channel<Prediction> predictions = Channel.CreateBounded<Prediction>(4);
        Task running = service.RunAsync(rows.Reader, predictions.Writer, Cancellation);
        Task writing = Task.Run(
            async () =>
            {
                for (int row = 0; row < Rows; row++)
                {
                    await rows.Writer.WriteAsync(Row(row), Cancellation);
                }

                rows.Writer.Complete();
            },
            Cancellation);
        List<Prediction> found = await Collect(predictions.Reader.ReadAllAsync(Cancellation));
        await Task.WhenAll(running, writing);
        Assert.Equal(_expected, found.Select(prediction => prediction.Value));
    }

    [Fact]
    public async Task ARowThatIsNoInputFailsAlone()
    {
        await using var service = new PredictionService(_predictor);
        Task<Prediction>[] tasks = [.. Enumerable.Range(0, 50).Select(row => service.PredictAsync(row == 17 ? Broken() : Row(row), Cancellation).AsTask())];
        for (int row = 0; row < tasks.Length; row++)
        {
            if (row == 17)
            {
                Assert.Contains("input 3", (await Assert.ThrowsAsync<InvalidDataException>(() => tasks[17])).Message);
            }
            else
            {
                Assert.Equal(_expected[row], (await tasks[row]).Value);
            }
        }
    }

    [Fact]
    public async Task ErrorsOfASourcePassThrough()
    {
        await using var service = new PredictionService(_predictor);
        int seen = 0;
        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (Prediction _ in service.PredictAsync(Failing(20), Cancellation))
            {
                seen++;
            }
        });
        Assert.Equal(20, seen);
        await Assert.ThrowsAsync<ArgumentException>(async () => await service.PredictAsync(new float[3], Cancellation));
    }

    [Fact]
    public async Task CallersCanGiveUpAndOthersAreNotDisturbed()
    {
        await using var service = new PredictionService(_predictor, new PredictionServiceOptions { Capacity = 1 });
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await service.PredictAsync(Row(0), stop.Token));

        using var later = new CancellationTokenSource();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (Prediction _ in service.PredictAsync(Source(int.MaxValue), later.Token))
            {
                if (++seen == 10)
                {
                    await later.CancelAsync();
                }
            }
        });
        await foreach (Prediction first in service.PredictAsync(Source(int.MaxValue), Cancellation))
        {
            Assert.Equal(_expected[0], first.Value);
            break;
        }

        Assert.Equal(_expected[3], (await service.PredictAsync(Row(3), Cancellation)).Value);
    }

    [Fact]
    public async Task StoppingAnswersWhatWasAccepted()
    {
        var service = new PredictionService(_predictor, new PredictionServiceOptions { MostRows = 2 });
        Task<Prediction>[] tasks = [.. Enumerable.Range(0, 200).Select(row => service.PredictAsync(Row(row), Cancellation).AsTask())];
        await service.DisposeAsync();
        Assert.Equal(_expected[..200], (await Task.WhenAll(tasks)).Select(prediction => prediction.Value));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await service.PredictAsync(Row(0), Cancellation));
        await service.DisposeAsync();
    }

    [Fact]
    public async Task MetricsCountRowsFailuresAndBatches()
    {
        using var meter = new Meter("test");
        using var listener = new MeterListener();
        var sums = new ConcurrentDictionary<string, double>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == meter)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => sums.AddOrUpdate($"{instrument.Name} {tags[0].Value}", value, (_, old) => old + value));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => sums.AddOrUpdate($"{instrument.Name} {tags[0].Value}", value, (_, old) => old + value));
        listener.Start();
        await using (var service = new PredictionService(_predictor, new PredictionServiceOptions { Meter = meter, Model = "age" }))
        {
            Task[] tasks = [.. Enumerable.Range(0, 40).Select(row => service.PredictAsync(row == 5 ? Broken() : Row(row), Cancellation).AsTask())];
            await Assert.ThrowsAsync<InvalidDataException>(() => Task.WhenAll(tasks));
        }

        Assert.Equal(39, sums["dirkernels.prediction.rows age"]);
        Assert.Equal(1, sums["dirkernels.prediction.failures age"]);
        Assert.Equal(40, sums["dirkernels.prediction.batch age"]);
        Assert.Equal(0, sums["dirkernels.prediction.waiting age"]);
        Assert.True(sums["dirkernels.prediction.duration age"] > 0);
    }

    [Fact]
    public async Task AListenerThatThrowsStopsTheServiceAndLeavesNobodyWaiting()
    {
        using var meter = new Meter("throwing");
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == meter && instrument.Name == "dirkernels.prediction.batch")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new TimeoutException("the listener is broken"));
        listener.Start();
        var service = new PredictionService(_predictor, new PredictionServiceOptions { Meter = meter, MostRows = 1, Capacity = 4 });
        Task<Prediction>[] tasks = [.. Enumerable.Range(0, 20).Select(async row => await service.PredictAsync(Row(row), Cancellation))];
        Assert.Equal(_expected[0], (await tasks[0].WaitAsync(TimeSpan.FromSeconds(60), Cancellation)).Value);
        foreach (Task<Prediction> task in tasks[1..])
        {
            Exception problem = await Assert.ThrowsAnyAsync<Exception>(() => task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
            Assert.True(problem is ObjectDisposedException || problem.Message == "the listener is broken", problem.ToString());
        }

        await Assert.ThrowsAsync<TimeoutException>(async () => await service.DisposeAsync());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(65537, 1)]
    [InlineData(1, 0)]
    public void SettingsOutOfRangeAreRefused(int mostRows, int capacity) =>
        Assert.Throws<ArgumentException>(() => new PredictionService(_predictor, new PredictionServiceOptions { MostRows = mostRows, Capacity = capacity }));

    private static async Task<List<Prediction>> Collect(IAsyncEnumerable<Prediction> predictions)
    {
        var found = new List<Prediction>();
        await foreach (Prediction prediction in predictions)
        {
            found.Add(prediction);
        }

        return found;
    }

    private ReadOnlyMemory<float> Row(int row) => _inputs.AsMemory(row * SampleRun.Inputs, SampleRun.Inputs);

    private ReadOnlyMemory<float> Broken()
    {
        float[] row = Row(0).ToArray();
        row[3] = float.NaN;
        return row;
    }

    private async IAsyncEnumerable<ReadOnlyMemory<float>> Source(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            if (row % 16 == 0)
            {
                await Task.Yield();
            }

            yield return Row(row % Rows);
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<float>> Failing(int rows)
    {
        await foreach (ReadOnlyMemory<float> row in Source(rows))
        {
            yield return row;
        }

        throw new TimeoutException("the source is gone");
    }
}
