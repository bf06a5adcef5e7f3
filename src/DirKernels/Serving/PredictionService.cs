using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DirKernels.Networks;

namespace DirKernels.Serving;

/// <summary>
/// A model for a service: rows from any number of callers are predicted in the batches in which they happen to arrive, without waiting for more, with bounded
/// memory, cancellation and metrics.
/// </summary>
/// <remarks>
/// <para>
/// One loop takes the rows that are waiting, at most <see cref="PredictionServiceOptions.MostRows"/>, through the network: under load batches grow by themselves, and a
/// single row is answered at once. A prediction has the bits of <see cref="TablePredictor"/>, whatever batch it was in. A row that is no input fails alone.
/// </para>
/// <para>
/// Thread-safe. Register it as a singleton; <see cref="DisposeAsync"/> answers what was accepted, then stops. See <see cref="PredictionMetrics"/> for what it measures.
/// </para>
/// </remarks>
public sealed class PredictionService : IAsyncDisposable
{
    private readonly TablePredictor _predictor;
    private readonly PredictionServiceOptions _options;
    private readonly PredictionMetrics _metrics;
    private readonly Channel<PredictionRequest> _queue;
    private readonly ConcurrentBag<PredictionRequest> _spare = [];
    private readonly PredictionBatch _batch;
    private readonly Task _loop;

    /// <summary>Starts a service.</summary>
    /// <param name="predictor">The model; not disposed of with the service.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, or the model has several targets.</exception>
    public PredictionService(TablePredictor predictor, PredictionServiceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        _options = options ?? new PredictionServiceOptions();
        _options.Validate();
        if (predictor.Shape.Targets != 1)
        {
            throw new ArgumentException($"a service predicts one target, but the model has {predictor.Shape.Targets}", nameof(predictor));
        }

        _predictor = predictor;
        _metrics = new PredictionMetrics(_options);
        _batch = new PredictionBatch(predictor, _options.MostRows);
        _queue = Channel.CreateBounded<PredictionRequest>(new BoundedChannelOptions(_options.Capacity) { SingleReader = true });
        _loop = Task.Run(Loop);
    }

    /// <summary>Predicts one row.</summary>
    /// <param name="inputs">[inputs] as <see cref="TablePredictor"/> takes them; copied before the call returns, unless the service is full.</param>
    /// <param name="cancellation">Gives up: while it waits for room, or before the row goes through the network.</param>
    /// <returns>The prediction. Await it once.</returns>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    /// <exception cref="InvalidDataException">A value is no input, or the prediction is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The service has stopped.</exception>
    public ValueTask<Prediction> PredictAsync(ReadOnlyMemory<float> inputs, CancellationToken cancellation = default)
    {
        if (inputs.Length != _predictor.Shape.Inputs)
        {
            throw new ArgumentException($"a row has {_predictor.Shape.Inputs} inputs, but {inputs.Length} are given", nameof(inputs));
        }

        cancellation.ThrowIfCancellationRequested();
        PredictionRequest request = Take(inputs.Span, cancellation);
        return _queue.Writer.TryWrite(request) ? Accept(request) : WaitForRoom(request, cancellation);
    }

    /// <summary>Predicts a sequence of rows, in its order: rows are taken from the source while others are in the network.</summary>
    /// <param name="rows">Rows [inputs]; each is copied before the next is asked for.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>A prediction for each row. The first row that fails ends the sequence.</returns>
    /// <exception cref="ArgumentException">A row has another length.</exception>
    /// <exception cref="InvalidDataException">A value is no input, or the prediction is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The service has stopped.</exception>
    public async IAsyncEnumerable<Prediction> PredictAsync(
        IAsyncEnumerable<ReadOnlyMemory<float>> rows, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<Task<Prediction>> answers = Channel.CreateBounded<Task<Prediction>>(
            new BoundedChannelOptions(_options.MostRows) { SingleReader = true, SingleWriter = true });
        Task asking = AskAll(rows, answers.Writer, stop.Token);
        try
        {
            await foreach (Task<Prediction> answer in answers.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return await answer.ConfigureAwait(false);
            }
        }
        finally
        {
            // Whoever stops listening stops the source as well; what it has to say about that is not news.
            await stop.CancelAsync().ConfigureAwait(false);
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Predicts all rows of a channel into another one, which is completed at the end, with the error if there was one.</summary>
    /// <param name="rows">Rows [inputs].</param>
    /// <param name="predictions">Receives a prediction for each row, in their order.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task RunAsync(ChannelReader<ReadOnlyMemory<float>> rows, ChannelWriter<Prediction> predictions, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(predictions);
        try
        {
            await foreach (Prediction prediction in PredictAsync(rows.ReadAllAsync(cancellation), cancellation).ConfigureAwait(false))
            {
                await predictions.WriteAsync(prediction, cancellation).ConfigureAwait(false);
            }

            predictions.TryComplete();
        }
        catch (Exception problem)
        {
            predictions.TryComplete(problem);
            throw;
        }
    }

    /// <summary>Accepts no more rows, answers those that were accepted, and stops. Throws what a listener of the metrics threw, which stops a service.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task AskAll(IAsyncEnumerable<ReadOnlyMemory<float>> rows, ChannelWriter<Task<Prediction>> answers, CancellationToken stop)
    {
        try
        {
            await foreach (ReadOnlyMemory<float> row in rows.WithCancellation(stop).ConfigureAwait(false))
            {
                Task<Prediction> answer = PredictAsync(row, stop).AsTask();
                await answers.WriteAsync(answer, stop).ConfigureAwait(false);
            }

            answers.TryComplete();
        }
        catch (Exception problem)
        {
            answers.TryComplete(problem);
            throw;
        }
    }

    private PredictionRequest Take(ReadOnlySpan<float> row, CancellationToken cancellation)
    {
        if (!_spare.TryTake(out PredictionRequest? request))
        {
            request = new PredictionRequest(_predictor.Shape.Inputs, _spare.Add);
        }

        request.Start(row, cancellation);
        return request;
    }

    private ValueTask<Prediction> Accept(PredictionRequest request)
    {
        _metrics.Accepted();
        return request.Task;
    }

    private async ValueTask<Prediction> WaitForRoom(PredictionRequest request, CancellationToken cancellation)
    {
        try
        {
            await _queue.Writer.WriteAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(PredictionService));
        }

        return await Accept(request).ConfigureAwait(false);
    }

    private async Task Loop()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                PredictWaiting();
            }
        }
        catch (Exception problem)
        {
            // Nothing of the service's own fails here, but a listener of the metrics may: whoever waits must hear of it, not wait forever.
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out PredictionRequest? request))
            {
                request.Fail(problem);
            }

            throw;
        }
    }

    private void PredictWaiting()
    {
        _batch.Clear();
        int taken = 0, failures = 0;
        while (_batch.Count < _options.MostRows && _queue.Reader.TryRead(out PredictionRequest? request))
        {
            taken++;
            if (request.IsCancelled)
            {
                failures++;
                request.Cancel();
            }
            else
            {
                _batch.Add(request);
            }
        }

        failures += _batch.Predict(out TimeSpan time);

        // After the answers: what listeners do with a measurement keeps nobody waiting.
        if (_batch.Count > 0)
        {
            _metrics.Predicted(_batch.Count, time);
        }

        _metrics.Answered(taken, failures);
    }
}
